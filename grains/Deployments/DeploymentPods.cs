using DeployCard.Grains.Logs;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Routing;
using DeployCard.Grains.Runtimes;

namespace DeployCard.Grains.Deployments;

/// <summary>
/// The pods of one deployment, as its grain sees them: what the runtime reports, and which of them are on their way out.
/// It lives on the grain's scheduler. Its background work comes back to the grain as ordinary calls, so that nothing interleaves.
/// </summary>
internal sealed partial class DeploymentPods(
    DeploymentName name, IDeploymentGrain grain, IPodRuntime runtime, IRoutePublisher routes, PodLogPump logs, TimeProvider time, ILogger logger)
    : IDisposable
{
    private static readonly TimeSpan DrainPoll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WatchPause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource stopping = new();
    private readonly HashSet<PodName> draining = [];

    // Started, and not yet in any report: a report from before the start must not have the pod started once more.
    private readonly Dictionary<PodName, PodObservation> unseen = [];
    private Task watching = Task.CompletedTask;

    /// <summary>All pods that are there.</summary>
    public IReadOnlyList<PodObservation> All { get; private set; } = [];

    /// <summary>Whether the runtime has told what is there; before that nothing may be decided.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>Those that are there and stay.</summary>
    public IReadOnlyList<PodObservation> Live => [.. All.Where(p => !draining.Contains(p.Name))];

    /// <summary>As people see them: with those that drain.</summary>
    public IReadOnlyList<PodObservation> View =>
        [.. All.Select(p => draining.Contains(p.Name) ? p with { Phase = PodPhase.Draining } : p)];

    public void Watch()
    {
        if (watching.IsCompleted)
            watching = KeepWatching();
    }

    /// <summary>Has a pod started. Where the platform cannot now, that is told in the log, and the next look at what is wanted tries again.</summary>
    public async Task Start(PodSpec pod, CancellationToken cancellationToken)
    {
        try
        {
            await runtime.Start(pod, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogStartFailed(logger, e, pod.Name, name);
            return;
        }

        logs.Follow(pod);
        if (All.Any(p => p.Name == pod.Name))
            return;
        unseen[pod.Name] = new() { Name = pod.Name, Deployment = name, Revision = pod.Revision, Phase = PodPhase.Starting, CreatedAt = time.GetUtcNow() };
        All = [.. All, unseen[pod.Name]];
    }

    /// <summary>Takes a pod out of service: the caller publishes a route without it, then it finishes what it has and ends.</summary>
    public void Drain(PodName pod, TimeSpan grace)
    {
        if (draining.Add(pod))
            _ = DrainAndStop(pod, grace);
    }

    public void Dispose()
    {
        stopping.Cancel();
        stopping.Dispose();
    }

    private async Task KeepWatching()
    {
        var token = stopping.Token;
        while (!token.IsCancellationRequested)
        {
            try
            {
                await foreach (var pods in runtime.Watch(name, token))
                {
                    Take(pods);
                    await grain.Reconcile();
                }
                return;
            }
            catch (Exception e) when (!token.IsCancellationRequested)
            {
                LogWatchFailed(logger, e, name);
                await Task.Delay(WatchPause, time, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Take(IReadOnlyList<PodObservation> reported)
    {
        foreach (var pod in reported)
            unseen.Remove(pod.Name);
        (All, IsKnown) = ([.. reported.Where(p => p.Phase is not PodPhase.Gone), .. unseen.Values], true);
        draining.IntersectWith(All.Select(p => p.Name).ToHashSet());
    }

    private async Task DrainAndStop(PodName pod, TimeSpan grace)
    {
        var token = stopping.Token;
        try
        {
            var started = time.GetTimestamp();
            while (time.GetElapsedTime(started) < grace && (await routes.LoadOf(name, pod, token)).InFlight > 0)
                await Task.Delay(DrainPoll, time, token);
            var ended = await runtime.Stop(pod, grace, token);
            unseen.Remove(pod);
            await logs.WhenDone(pod);
            if (ended is not null)
                await grain.PodEnded(ended);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // The grain goes. Whoever takes the deployment up next sees the pod and decides again.
        }
        catch (Exception e)
        {
            LogStopFailed(logger, e, pod, name);
            draining.Remove(pod);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Pod {Pod} of deployment {Deployment} could not be started; trying again")]
    private static partial void LogStartFailed(ILogger logger, Exception exception, PodName pod, DeploymentName deployment);

    [LoggerMessage(Level = LogLevel.Error, Message = "The pods of deployment {Deployment} could not be watched; trying again")]
    private static partial void LogWatchFailed(ILogger logger, Exception exception, DeploymentName deployment);

    [LoggerMessage(Level = LogLevel.Error, Message = "Pod {Pod} of deployment {Deployment} could not be ended; trying again")]
    private static partial void LogStopFailed(ILogger logger, Exception exception, PodName pod, DeploymentName deployment);
}
