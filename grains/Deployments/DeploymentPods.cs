using DeployCard.Grains.Pods;
using DeployCard.Grains.Routing;
using DeployCard.Grains.Runtimes;

namespace DeployCard.Grains.Deployments;

/// <summary>
/// The pods of one deployment, as its grain sees them: what the runtime reports, and which of them are on their way out.
/// It lives on the grain's scheduler. Its background work comes back to the grain as ordinary calls, so that nothing interleaves.
/// </summary>
internal sealed partial class DeploymentPods(
    DeploymentName name,
    IDeploymentGrain grain,
    IPodRuntime runtime,
    IRoutePublisher routes,
    TimeProvider time,
    ILogger logger
) : IDisposable
{
    private static readonly TimeSpan DrainPoll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WatchPause = TimeSpan.FromSeconds(1);

    // One that no report has named by then went with its machine before any could.
    private static readonly TimeSpan UnseenLimit = TimeSpan.FromSeconds(30);

    // Of a pod that has a grace already: whoever asks later can only shorten it.
    private static readonly TimeSpan LongestGrace = TimeSpan.FromDays(1);

    private readonly CancellationTokenSource stopping = new();
    private readonly FailureNotice startFailures = new(time);
    private readonly FailureNotice stopFailures = new(time);
    private readonly FailureNotice watchFailures = new(time);
    private readonly Dictionary<PodName, Draining> draining = [];

    // Started, and not yet in any report: a report from before the start must not have the pod started once more.
    private readonly Dictionary<PodName, PodObservation> unseen = [];
    private IReadOnlyList<PodObservation> reported = [];
    private Task watching = Task.CompletedTask;

    /// <summary>All pods that are there.</summary>
    public IReadOnlyList<PodObservation> All => [.. reported, .. unseen.Values.Where(p => time.GetUtcNow() - p.CreatedAt < UnseenLimit)];

    /// <summary>Whether the runtime has told what is there; before that nothing may be decided.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>Those that are there and stay.</summary>
    public IReadOnlyList<PodObservation> Live => [.. All.Where(p => p.Phase is not PodPhase.Draining && !draining.ContainsKey(p.Name))];

    /// <summary>As people see them: with those that drain.</summary>
    public IReadOnlyList<PodObservation> View =>
        [.. All.Select(p => draining.ContainsKey(p.Name) ? p with { Phase = PodPhase.Draining } : p)];

    /// <summary>Those that can serve: all but those that were asked to end.</summary>
    public IReadOnlyList<PodCandidate> Candidates(IReadOnlySet<PodName> busy) =>
        [
            .. from pod in All
            let drain = draining.GetValueOrDefault(pod.Name)
            where drain is not { IsEnding: true } && pod.Phase is not PodPhase.Draining
            select new PodCandidate(pod, drain is not null, busy.Contains(pod.Name)),
        ];

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
            Works(startFailures, "started");
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            if (startFailures.Failed())
                LogStartFailed(logger, e, pod.Name, name);
            return;
        }

        if (All.Any(p => p.Name == pod.Name))
            return;
        unseen[pod.Name] = new()
        {
            Name = pod.Name,
            Deployment = name,
            Revision = pod.Revision,
            Phase = PodPhase.Starting,
            CreatedAt = time.GetUtcNow(),
        };
    }

    /// <summary>Whether a pod is out of service for a reason that holds at least as strictly.</summary>
    public bool IsDraining(PodName pod, DrainCause cause) => draining.TryGetValue(pod, out var drain) && drain.Cause >= cause;

    /// <summary>
    /// Takes a pod out of service, once the caller has published a route without it: it finishes what it has and ends. Without a
    /// <paramref name="limit"/> no request of it is broken off, and while nobody else can serve those who wait it does not end.
    /// </summary>
    public void Drain(PodName pod, DrainCause cause, TimeSpan? limit, TimeSpan grace)
    {
        if (IsDraining(pod, cause) || draining.GetValueOrDefault(pod) is { IsEnding: true })
            return;
        var drain = draining[pod] = new Draining(cause, limit, grace);
        _ = DrainAndStop(pod, drain);
    }

    /// <summary>Takes a pod back into service that has not been asked to end.</summary>
    public void Recall(PodName pod) => draining.Remove(pod);

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
                    Works(watchFailures, "watched");
                    Take(pods);
                    await grain.Reconcile();
                }
                return;
            }
            catch (Exception e) when (!token.IsCancellationRequested)
            {
                if (watchFailures.Failed())
                    LogWatchFailed(logger, e, name);
                await Task.Delay(WatchPause, time, token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Take(IReadOnlyList<PodObservation> report)
    {
        foreach (var pod in report)
            unseen.Remove(pod.Name);
        (reported, IsKnown) = ([.. report.Where(p => p.Phase is not PodPhase.Ended)], true);
        foreach (var pod in reported.Where(p => p.Phase is PodPhase.Draining && !draining.ContainsKey(p.Name)))
            FollowEnd(pod.Name);
        foreach (var gone in draining.Keys.Except(All.Select(p => p.Name)).ToList())
            draining.Remove(gone);
    }

    /// <summary>An activation before this one, or its machine, has asked it to end: what becomes of it is told here.</summary>
    private void FollowEnd(PodName pod)
    {
        if (runtime.IsEnding)
            return;
        var drain = draining[pod] = new Draining(DrainCause.Stopped, TimeSpan.Zero, LongestGrace);
        _ = DrainAndStop(pod, drain);
    }

    private async Task DrainAndStop(PodName pod, Draining drain)
    {
        var token = stopping.Token;
        try
        {
            if (!await Finish(pod, drain, token))
                return;
            // From here on it is not taken back; no await lies between the last look and this.
            drain.IsEnding = true;
            var ended = await runtime.Stop(pod, drain.Grace, token);
            Works(stopFailures, "ended");
            unseen.Remove(pod);
            if (ended is not null)
                await grain.PodEnded(ended);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // The grain goes. Whoever takes the deployment up next sees the pod and decides again.
        }
        catch (Exception e)
        {
            if (stopFailures.Failed())
                LogStopFailed(logger, e, pod, name);
            if (IsPresent(pod, drain))
                draining.Remove(pod);
        }
    }

    /// <summary>
    /// Waits until gateways have nothing of the pod. They are asked after they have all taken a route without it, so that what they say
    /// cannot change for the worse. False when it was taken back, or drains for a stricter reason now.
    /// </summary>
    private async Task<bool> Finish(PodName pod, Draining drain, CancellationToken token)
    {
        var started = time.GetTimestamp();
        while (IsPresent(pod, drain) && !(drain.Limit <= time.GetElapsedTime(started)))
        {
            var load = await routes.LoadOf(name, pod, token);
            var isWaitedFor = drain.Cause is not DrainCause.Stopped && load?.Waiting > 0 && !Live.Any(p => p.Phase is PodPhase.Ready);
            if (load?.InFlight == 0 && !isWaitedFor)
                break;
            if (isWaitedFor)
                await grain.StillWanted();
            if (IsPresent(pod, drain))
                await Task.Delay(DrainPoll, time, token);
        }

        return IsPresent(pod, drain);
    }

    private void Works(FailureNotice notice, string what)
    {
        if (notice.Over() is > 0 and var failures)
            LogWorks(logger, name, what, failures);
    }

    private bool IsPresent(PodName pod, Draining drain) => draining.GetValueOrDefault(pod) == drain;

    [LoggerMessage(Level = LogLevel.Error, Message = "Pod {Pod} of deployment {Deployment} could not be started; trying again")]
    private static partial void LogStartFailed(ILogger logger, Exception exception, PodName pod, DeploymentName deployment);

    [LoggerMessage(Level = LogLevel.Error, Message = "The pods of deployment {Deployment} could not be watched; trying again")]
    private static partial void LogWatchFailed(ILogger logger, Exception exception, DeploymentName deployment);

    [LoggerMessage(Level = LogLevel.Error, Message = "Pod {Pod} of deployment {Deployment} could not be ended; trying again")]
    private static partial void LogStopFailed(ILogger logger, Exception exception, PodName pod, DeploymentName deployment);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Pods of deployment {Deployment} can be {What} again, after {Failures} failures"
    )]
    private static partial void LogWorks(ILogger logger, DeploymentName deployment, string what, int failures);

    private sealed class Draining(DrainCause cause, TimeSpan? limit, TimeSpan grace)
    {
        public DrainCause Cause => cause;

        public TimeSpan? Limit => limit;

        public TimeSpan Grace => grace;

        public bool IsEnding { get; set; }
    }
}
