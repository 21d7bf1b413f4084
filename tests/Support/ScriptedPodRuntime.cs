using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes;

namespace DeployCard.Tests.Support;

/// <summary>
/// A double of the pod runtime: pods do what the test says, when it says so. With real processes a test could not hold a pod between two
/// states; those have their own tests.
/// </summary>
public sealed class ScriptedPodRuntime : IPodRuntime
{
    private readonly Lock sync = new();
    private readonly Dictionary<PodName, Pod> pods = [];
    private readonly List<PodSpec> started = [];
    private readonly List<(PodName Pod, TimeSpan Grace)> stopped = [];
    private readonly Dictionary<DeploymentName, List<Channel<bool>>> watchers = [];
    private readonly HashSet<DeploymentName> hidden = [];

    /// <summary>What a pod does as soon as it is started; without an entry for its deployment it stays starting.</summary>
    private readonly Dictionary<DeploymentName, Func<PodSpec, PodObservation, PodObservation>> scripts = [];

    /// <summary>Called when a pod is asked to end, before it does.</summary>
    public Action<PodName>? Stopping { get; set; }

    public bool IsEnding => false;

    /// <summary>Where what pods write goes.</summary>
    public IPodLogPump? Pump { get; set; }

    /// <summary>Where set, no pod can be started: the platform is away.</summary>
    public Exception? StartFailure { get; set; }

    public IReadOnlyList<PodSpec> Started(string deployment)
    {
        lock (sync)
            return [.. started.Where(pod => pod.Deployment.Value == deployment)];
    }

    public IReadOnlyList<(PodName Pod, TimeSpan Grace)> Stopped(string deployment)
    {
        lock (sync)
            return [.. stopped.Where(s => started.Exists(pod => pod.Name == s.Pod && pod.Deployment.Value == deployment))];
    }

    /// <summary>The pods of a deployment that are there.</summary>
    public IReadOnlyList<PodObservation> Running(string deployment)
    {
        lock (sync)
            return [.. pods.Values.Select(pod => pod.Seen).Where(pod => pod.Deployment.Value == deployment)];
    }

    /// <summary>From now on pods of this deployment do that as soon as they are started.</summary>
    public void Script(string deployment, Func<PodSpec, PodObservation, PodObservation> script)
    {
        lock (sync)
            scripts[DeploymentName.Parse(deployment)] = script;
    }

    /// <summary>From now on pods of this deployment are ready as soon as they are started.</summary>
    public void ReadyAtOnce(string deployment) => Script(deployment, (_, pod) => AsReady(pod));

    /// <summary>Whether the runtime tells nothing of a deployment's pods, as before its first look at them.</summary>
    public void Hide(string deployment, bool isHidden = true)
    {
        lock (sync)
        {
            if (isHidden)
                hidden.Add(DeploymentName.Parse(deployment));
            else
                hidden.Remove(DeploymentName.Parse(deployment));
            Tell(DeploymentName.Parse(deployment));
        }
    }

    public void Ready(PodName pod) => Change(pod, AsReady);

    public void Fail(PodName pod, string reason, string message, int? exitCode, params string[] lastLines) =>
        Change(
            pod,
            seen =>
                seen with
                {
                    Phase = PodPhase.Failed,
                    Address = null,
                    Reason = reason,
                    Message = message,
                    ExitCode = exitCode,
                    LastLines = lastLines,
                }
        );

    /// <summary>The machine of a pod is to go.</summary>
    public void Leave(PodName pod) => Change(pod, seen => seen with { IsLeaving = true });

    /// <summary>The platform takes a pod away, and has a word for why.</summary>
    public void TakeAway(PodName pod, string reason) => Change(pod, seen => seen with { Phase = PodPhase.Draining, Reason = reason });

    /// <summary>A pod goes by itself.</summary>
    public void End(PodName pod)
    {
        lock (sync)
            Remove(pod);
    }

    /// <summary>A pod writes a line.</summary>
    public void Write(PodName pod, string text, LogStream stream = LogStream.Stdout)
    {
        lock (sync)
            pods[pod].Lines.Writer.TryWrite(new(DateTimeOffset.UnixEpoch, stream, text));
    }

    /// <summary>The machine goes, and all pods with it.</summary>
    public void LoseAll()
    {
        lock (sync)
        {
            foreach (var pod in pods.Keys.ToList())
                Remove(pod);
        }
    }

    public Task Start(PodSpec pod, CancellationToken cancellationToken)
    {
        lock (sync)
        {
            if (StartFailure is { } failure)
                return Task.FromException(failure);
            if (pods.ContainsKey(pod.Name))
                return Task.CompletedTask;
            started.Add(pod);
            var seen = new PodObservation
            {
                Name = pod.Name,
                Deployment = pod.Deployment,
                Revision = pod.Revision,
                Phase = PodPhase.Starting,
                CreatedAt = DateTimeOffset.UnixEpoch.AddSeconds(started.Count),
            };
            pods[pod.Name] = new(scripts.TryGetValue(pod.Deployment, out var script) ? script(pod, seen) : seen);
            var running = pods[pod.Name];
            running.Carried = Task.Run(
                () =>
                    Pump?.Carry(
                        pod.Name,
                        pod.Deployment,
                        running.Lines.Reader.ReadAllAsync(CancellationToken.None),
                        CancellationToken.None
                    ),
                CancellationToken.None
            );
            Tell(pod.Deployment);
            return Task.CompletedTask;
        }
    }

    public async Task<PodObservation?> Stop(PodName pod, TimeSpan grace, CancellationToken cancellationToken)
    {
        Stopping?.Invoke(pod);
        Pod? ended;
        lock (sync)
        {
            stopped.Add((pod, grace));
            ended = Remove(pod);
        }

        if (ended is null)
            return null;
        await ended.Carried;
        return ended.Seen with { Phase = PodPhase.Ended, ExitCode = 0, Reason = ended.Seen.Reason ?? PodReasons.Stopped };
    }

    public async IAsyncEnumerable<IReadOnlyList<PodObservation>> Watch(
        DeploymentName deployment,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (sync)
        {
            if (!watchers.TryGetValue(deployment, out var all))
                watchers[deployment] = all = [];
            all.Add(changes);
            changes.Writer.TryWrite(true);
        }

        await foreach (var _ in changes.Reader.ReadAllAsync(cancellationToken))
        {
            if (Seen(deployment) is { } seen)
                yield return seen;
        }
    }

    private static PodObservation AsReady(PodObservation pod) =>
        pod with
        {
            Phase = PodPhase.Ready,
            Address = new($"http://{pod.Name}.invalid/"),
            ReadyAt = pod.CreatedAt,
            Reason = null,
            Message = null,
            ExitCode = null,
            LastLines = [],
        };

    private IReadOnlyList<PodObservation>? Seen(DeploymentName deployment)
    {
        lock (sync)
            return hidden.Contains(deployment) ? null : Running(deployment.Value);
    }

    private void Change(PodName pod, Func<PodObservation, PodObservation> change)
    {
        lock (sync)
        {
            pods[pod].Seen = change(pods[pod].Seen);
            Tell(pods[pod].Seen.Deployment);
        }
    }

    private Pod? Remove(PodName pod)
    {
        if (!pods.Remove(pod, out var running))
            return null;
        running.Lines.Writer.Complete();
        Tell(running.Seen.Deployment);
        return running;
    }

    private void Tell(DeploymentName deployment)
    {
        foreach (var watcher in watchers.GetValueOrDefault(deployment) ?? [])
            watcher.Writer.TryWrite(true);
    }

    private sealed class Pod(PodObservation seen)
    {
        public PodObservation Seen { get; set; } = seen;

        public Channel<PodLogLine> Lines { get; } = Channel.CreateUnbounded<PodLogLine>();

        public Task Carried { get; set; } = Task.CompletedTask;
    }
}
