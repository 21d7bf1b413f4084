using DeployCard.Common.Retry;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Runtimes;
using DeployCard.Domain.Pods;
using DeployCard.Domain.Routing;

namespace DeployCard.Domain.Deployments;

/// <summary>
/// The pods of one deployment as its grain sees them: the pods that the runtime reports, and which of them are draining. All code of this
/// class runs on the grain's scheduler. Background tasks call the grain through its interface, so that they do not interleave with other
/// calls to the grain.
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
    private static readonly TimeSpan DrainPollInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WatchRetryDelay = TimeSpan.FromSeconds(1);

    // A started pod that is still in no report after this time was lost together with its host.
    private static readonly TimeSpan FirstReportTimeout = TimeSpan.FromSeconds(30);

    // Grace period for a pod that is already stopping. A later stop can only shorten the grace period, so this value changes nothing.
    private static readonly TimeSpan MaxGracePeriod = TimeSpan.FromDays(1);

    private readonly CancellationTokenSource stopping = new();
    private readonly FailureLogThrottle startFailures = new(time);
    private readonly FailureLogThrottle stopFailures = new(time);
    private readonly FailureLogThrottle watchFailures = new(time);
    private readonly Dictionary<PodName, Draining> draining = [];

    // Pods that were started but are in no report yet: a report from before the start must not cause a second start.
    private readonly Dictionary<PodName, PodObservation> unreported = [];
    private IReadOnlyList<PodObservation> reported = [];
    private Task watching = Task.CompletedTask;

    /// <summary>All pods that have not ended: the reported pods and the pods that were started but not reported yet.</summary>
    public IReadOnlyList<PodObservation> All =>
        [.. reported, .. unreported.Values.Where(p => time.GetUtcNow() - p.CreatedAt < FirstReportTimeout)];

    /// <summary>Whether the runtime has reported the pods at least once. Before that, no scaling decision may be made.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>The pods that are not draining.</summary>
    public IReadOnlyList<PodObservation> Live => [.. All.Where(p => p.Phase is not PodPhase.Draining && !draining.ContainsKey(p.Name))];

    /// <summary>All pods as users see them, including the draining pods.</summary>
    public IReadOnlyList<PodObservation> View =>
        [.. All.Select(p => draining.ContainsKey(p.Name) ? p with { Phase = PodPhase.Draining } : p)];

    /// <summary>Returns the pods that can serve: all pods that have not been asked to stop.</summary>
    public IReadOnlyList<PodCandidate> GetCandidates(IReadOnlySet<PodName> busy) =>
        [
            .. from pod in All
            let drain = draining.GetValueOrDefault(pod.Name)
            where drain is not { IsEnding: true } && pod.Phase is not PodPhase.Draining
            select new PodCandidate(pod, drain is not null, busy.Contains(pod.Name)),
        ];

    public void Watch()
    {
        if (watching.IsCompleted)
            watching = WatchUntilDisposed();
    }

    /// <summary>Starts a pod. A failure is logged, and the next reconciliation tries again.</summary>
    public async Task Start(PodSpec pod, CancellationToken cancellationToken)
    {
        try
        {
            await runtime.Start(pod, cancellationToken);
            LogRecovery(startFailures, "Starting");
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            if (startFailures.ShouldLog())
                LogStartFailed(logger, e, pod.Name, name);
            return;
        }

        if (All.Any(p => p.Name == pod.Name))
            return;
        unreported[pod.Name] = new()
        {
            Name = pod.Name,
            Deployment = name,
            Revision = pod.Revision,
            Phase = PodPhase.Starting,
            CreatedAt = time.GetUtcNow(),
        };
    }

    /// <summary>Whether the pod is already draining for this cause or a stricter one.</summary>
    public bool IsDraining(PodName pod, DrainCause cause) => draining.TryGetValue(pod, out var drain) && drain.Cause >= cause;

    /// <summary>
    /// Takes a pod out of service: the pod finishes its requests and is then stopped. The caller must first have published a route without
    /// the pod. Without a <paramref name="limit"/>, no request is aborted. The pod also keeps running while requests wait and no other pod
    /// is ready, unless the deployment was stopped.
    /// </summary>
    public void Drain(PodName pod, DrainCause cause, TimeSpan? limit, TimeSpan grace)
    {
        if (IsDraining(pod, cause) || draining.GetValueOrDefault(pod) is { IsEnding: true })
            return;
        var drain = draining[pod] = new Draining(cause, limit, grace);
        _ = DrainAndStop(pod, drain);
    }

    /// <summary>Puts a draining pod back into service. The pod must not have been asked to stop.</summary>
    public void Recall(PodName pod) => draining.Remove(pod);

    public void Dispose()
    {
        stopping.Cancel();
        stopping.Dispose();
    }

    private async Task WatchUntilDisposed()
    {
        var token = stopping.Token;
        while (!token.IsCancellationRequested)
        {
            try
            {
                await foreach (var pods in runtime.Watch(name, token))
                {
                    LogRecovery(watchFailures, "Watching");
                    ApplyReport(pods);
                    await grain.Reconcile();
                }
                return;
            }
            catch (Exception e) when (!token.IsCancellationRequested)
            {
                if (watchFailures.ShouldLog())
                    LogWatchFailed(logger, e, name);
                await Task.Delay(WatchRetryDelay, time, token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void ApplyReport(IReadOnlyList<PodObservation> report)
    {
        foreach (var pod in report)
            unreported.Remove(pod.Name);
        (reported, IsKnown) = ([.. report.Where(p => p.Phase is not PodPhase.Ended)], true);
        foreach (var pod in reported.Where(p => p.Phase is PodPhase.Draining && !draining.ContainsKey(p.Name)))
            FollowTermination(pod.Name);
        foreach (var ended in draining.Keys.Except(All.Select(p => p.Name)).ToList())
            draining.Remove(ended);
    }

    /// <summary>
    /// Waits for the termination of a pod that was asked to stop by an earlier activation or by its host, and then reports the end to the
    /// grain.
    /// </summary>
    private void FollowTermination(PodName pod)
    {
        if (runtime.IsShuttingDown)
            return;
        var drain = draining[pod] = new Draining(DrainCause.Stopped, TimeSpan.Zero, MaxGracePeriod);
        _ = DrainAndStop(pod, drain);
    }

    private async Task DrainAndStop(PodName pod, Draining drain)
    {
        var token = stopping.Token;
        try
        {
            if (!await WaitUntilDrained(pod, drain, token))
                return;
            // From here on the pod cannot be put back into service. There is no await between the last check and this line.
            drain.IsEnding = true;
            var ended = await runtime.Stop(pod, drain.Grace, token);
            LogRecovery(stopFailures, "Stopping");
            unreported.Remove(pod);
            if (ended is not null)
                await grain.OnPodEnded(ended);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // The grain deactivates. The next activation sees the pod and decides again.
        }
        catch (Exception e)
        {
            if (stopFailures.ShouldLog())
                LogStopFailed(logger, e, pod, name);
            if (IsCurrent(pod, drain))
                draining.Remove(pod);
        }
    }

    /// <summary>
    /// Waits until no gateway has requests for the pod, or until the limit has passed. A route without the pod was published before, so the
    /// counts of gateways that acknowledged it can only fall. Returns false if the pod was put back into service or now drains for a
    /// stricter cause.
    /// </summary>
    private async Task<bool> WaitUntilDrained(PodName pod, Draining drain, CancellationToken token)
    {
        var started = time.GetTimestamp();
        while (IsCurrent(pod, drain) && !(drain.Limit <= time.GetElapsedTime(started)))
        {
            var load = await routes.GetPodLoad(name, pod, token);
            var isStillNeeded = drain.Cause is not DrainCause.Stopped && load?.Waiting > 0 && !Live.Any(p => p.Phase is PodPhase.Ready);
            if (load?.InFlight == 0 && !isStillNeeded)
                break;
            if (isStillNeeded)
                await grain.CancelDrain();
            if (IsCurrent(pod, drain))
                await Task.Delay(DrainPollInterval, time, token);
        }

        return IsCurrent(pod, drain);
    }

    private void LogRecovery(FailureLogThrottle notice, string operation)
    {
        if (notice.Reset() is > 0 and var failures)
            LogRecovered(logger, name, operation, failures);
    }

    private bool IsCurrent(PodName pod, Draining drain) => draining.GetValueOrDefault(pod) == drain;

    [LoggerMessage(Level = LogLevel.Error, Message = "Starting pod {Pod} of deployment {Deployment} failed; it will be retried")]
    private static partial void LogStartFailed(ILogger logger, Exception exception, PodName pod, DeploymentName deployment);

    [LoggerMessage(Level = LogLevel.Error, Message = "Watching the pods of deployment {Deployment} failed; it will be retried")]
    private static partial void LogWatchFailed(ILogger logger, Exception exception, DeploymentName deployment);

    [LoggerMessage(Level = LogLevel.Error, Message = "Stopping pod {Pod} of deployment {Deployment} failed; it will be retried")]
    private static partial void LogStopFailed(ILogger logger, Exception exception, PodName pod, DeploymentName deployment);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "{Operation} pods of deployment {Deployment} succeeded after {Failures} failures"
    )]
    private static partial void LogRecovered(ILogger logger, DeploymentName deployment, string operation, int failures);

    private sealed class Draining(DrainCause cause, TimeSpan? limit, TimeSpan grace)
    {
        public DrainCause Cause => cause;

        public TimeSpan? Limit => limit;

        public TimeSpan Grace => grace;

        public bool IsEnding { get; set; }
    }
}
