using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Runtimes;

namespace DeployCard.Tests.Support;

/// <summary>
/// Test double of the pod runtime: the test decides each state change of a pod. With real processes a test could not keep a pod between two
/// states; the real runtimes have separate tests.
/// </summary>
public sealed class ScriptedPodRuntime : IPodRuntime
{
    private readonly Lock sync = new();
    private readonly Dictionary<PodName, Pod> pods = [];
    private readonly List<PodSpec> started = [];
    private readonly List<(PodName Pod, TimeSpan Grace)> stopped = [];
    private readonly Dictionary<DeploymentName, List<Channel<bool>>> watchers = [];
    private readonly HashSet<DeploymentName> hidden = [];

    /// <summary>First state of the pods of each deployment; pods of other deployments stay in the phase Starting.</summary>
    private readonly Dictionary<DeploymentName, Func<PodSpec, PodObservation, PodObservation>> scripts = [];

    /// <summary>Called when a pod is asked to end, before it ends.</summary>
    public Action<PodName>? OnStopping { get; set; }

    public bool IsShuttingDown => false;

    /// <summary>Destination of the log lines of pods; null to discard them.</summary>
    public IPodLogForwarder? LogForwarder { get; set; }

    /// <summary>Exception that each start throws, as if the platform were unavailable; null to start pods.</summary>
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

    /// <summary>Returns the pods of a deployment that have not ended.</summary>
    public IReadOnlyList<PodObservation> Running(string deployment)
    {
        lock (sync)
            return [.. pods.Values.Select(pod => pod.Seen).Where(pod => pod.Deployment.Value == deployment)];
    }

    /// <summary>Sets the first state of the pods that a deployment starts from now on.</summary>
    public void Script(string deployment, Func<PodSpec, PodObservation, PodObservation> script)
    {
        lock (sync)
            scripts[DeploymentName.Parse(deployment)] = script;
    }

    /// <summary>Makes the pods that a deployment starts from now on ready immediately.</summary>
    public void ReadyImmediately(string deployment) => Script(deployment, (_, pod) => AsReady(pod));

    /// <summary>Sets whether the runtime hides the pods of a deployment, as before its first report.</summary>
    public void Hide(string deployment, bool isHidden = true)
    {
        lock (sync)
        {
            if (isHidden)
                hidden.Add(DeploymentName.Parse(deployment));
            else
                hidden.Remove(DeploymentName.Parse(deployment));
            NotifyWatchers(DeploymentName.Parse(deployment));
        }
    }

    public void SetReady(PodName pod) => Change(pod, AsReady);

    public void SetFailed(PodName pod, string reason, string message, int? exitCode, params string[] lastLines) =>
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
                    LastLines = [.. lastLines],
                }
        );

    /// <summary>Marks a pod as leaving, because its machine shuts down soon.</summary>
    public void SetLeaving(PodName pod) => Change(pod, seen => seen with { IsLeaving = true });

    /// <summary>Simulates that the platform evicts a pod for a reason.</summary>
    public void Evict(PodName pod, string reason) => Change(pod, seen => seen with { Phase = PodPhase.Draining, Reason = reason });

    /// <summary>Removes a pod that ends without being stopped.</summary>
    public void End(PodName pod)
    {
        lock (sync)
            Remove(pod);
    }

    /// <summary>Writes a line to the log of a pod.</summary>
    public void Write(PodName pod, string text, LogStream stream = LogStream.Stdout)
    {
        lock (sync)
            pods[pod].Lines.Writer.TryWrite(new(DateTimeOffset.UnixEpoch, stream, text));
    }

    /// <summary>Removes all pods, as if their machine had failed.</summary>
    public void RemoveAll()
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
            running.LogForwarding = Task.Run(
                () =>
                    LogForwarder?.Forward(
                        pod.Name,
                        pod.Deployment,
                        running.Lines.Reader.ReadAllAsync(CancellationToken.None),
                        CancellationToken.None
                    ),
                CancellationToken.None
            );
            NotifyWatchers(pod.Deployment);
            return Task.CompletedTask;
        }
    }

    public async Task<PodObservation?> Stop(PodName pod, TimeSpan grace, CancellationToken cancellationToken)
    {
        OnStopping?.Invoke(pod);
        Pod? ended;
        lock (sync)
        {
            stopped.Add((pod, grace));
            ended = Remove(pod);
        }

        if (ended is null)
            return null;
        await ended.LogForwarding;
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
            NotifyWatchers(pods[pod].Seen.Deployment);
        }
    }

    private Pod? Remove(PodName pod)
    {
        if (!pods.Remove(pod, out var running))
            return null;
        running.Lines.Writer.Complete();
        NotifyWatchers(running.Seen.Deployment);
        return running;
    }

    private void NotifyWatchers(DeploymentName deployment)
    {
        foreach (var watcher in watchers.GetValueOrDefault(deployment) ?? [])
            watcher.Writer.TryWrite(true);
    }

    private sealed class Pod(PodObservation seen)
    {
        public PodObservation Seen { get; set; } = seen;

        public Channel<PodLogLine> Lines { get; } = Channel.CreateUnbounded<PodLogLine>();

        public Task LogForwarding { get; set; } = Task.CompletedTask;
    }
}
