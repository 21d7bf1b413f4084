using DeployCard.Contracts.Autoscaling;
using DeployCard.Contracts.Configuration;

namespace DeployCard.Domain.Autoscaling;

/// <summary>
/// The load of one deployment and the state that the autoscaler keeps between decisions. It has no clock and no timer: the caller passes
/// the current time.
/// </summary>
internal sealed class Autoscaler(AutoscalerOptions options)
{
    /// <summary>
    /// Time after scaling up during which a growing backlog counts as the backlog that caused the scale-up. It covers the reports that
    /// gateways send every second, with their time in transit.
    /// </summary>
    private static readonly TimeSpan BacklogWindow = TimeSpan.FromSeconds(1.5);

    private readonly ScalingHistory history = new();
    private DateTimeOffset? lastScaleUpAt;
    private int backlogPeak;
    private DateTimeOffset? lastReadyIncreaseAt;
    private int lastReady;
    private DateTimeOffset? scaleDownBlockedUntil;
    private DateTimeOffset? lastScaleDownAt;
    private bool hasAdoptedPods;

    /// <summary>Load that the gateways have reported.</summary>
    public LoadWindow Load { get; } = new(options);

    /// <summary>Number of pods that the last decision wants.</summary>
    public int CurrentPods { get; private set; }

    /// <summary>Takes over pods that existed before any load report. They are kept until enough load has been observed.</summary>
    public void Adopt(int pods, DateTimeOffset now)
    {
        (CurrentPods, hasAdoptedPods) = (Math.Max(CurrentPods, pods), pods > 0);
        if (hasAdoptedPods)
            Load.RecordActivity(now);
    }

    /// <summary>Discards the previous decisions because the deployment was stopped or deleted.</summary>
    public void Reset()
    {
        history.Clear();
        (CurrentPods, scaleDownBlockedUntil, lastScaleDownAt, lastScaleUpAt, hasAdoptedPods) = (0, null, null, null, false);
    }

    /// <summary>
    /// Ends the idle time early if no request is in flight or waiting and the last request was before the stable window. Idle pods whose
    /// host is draining are then not replaced.
    /// </summary>
    public void ExpireIdleTimer(DateTimeOffset now)
    {
        if (Load.GetSnapshot(now) is { Total: 0 } load && !(now - load.LastActivityAt < options.StableWindow))
            Load.ClearActivity();
    }

    /// <summary>Records a load report of a gateway.</summary>
    public void RecordReport(LoadReport report, DateTimeOffset now)
    {
        Load.Add(report, now);
        TrackBacklog(now);
    }

    /// <summary>Returns the decision that would be made now, without recording it.</summary>
    public ScalingDecision Evaluate(DeploymentConfiguration configuration, int ready, int podLimit, DateTimeOffset now)
    {
        var load = Load.GetSnapshot(now);
        return ScalingPolicy.Decide(
            new()
            {
                Options = options,
                Configuration = configuration,
                PodLimit = podLimit,
                Load = load,
                CurrentPods = CurrentPods,
                ReadyPods = ready,
                RecentPeak = history.GetMax(since: now - configuration.ScaleDownDelay),
                ScaleDownBlockedUntil = scaleDownBlockedUntil,
                LastScaleDownAt = lastScaleDownAt,
                CanScaleUp = CanScaleUp(ready, load.Waiting, now),
                IsWarmingUp = hasAdoptedPods && load.ObservedFor < options.StableWindow,
                Now = now,
            }
        );
    }

    /// <summary>Makes a decision and records it for later decisions.</summary>
    public ScalingDecision Decide(DeploymentConfiguration configuration, int ready, int podLimit, DateTimeOffset now)
    {
        var decision = Evaluate(configuration, ready, podLimit, now);
        history.Add(now, decision.RequiredPods);
        if (decision.IsBurst)
            scaleDownBlockedUntil = now + options.StableWindow;
        if (decision.Pods < CurrentPods)
            lastScaleDownAt = now;
        if (decision.Pods > CurrentPods && !(now - lastScaleUpAt <= BacklogWindow))
            (lastScaleUpAt, backlogPeak) = (now, 0);
        TrackBacklog(now);
        if (ready > lastReady)
            lastReadyIncreaseAt = now;
        lastReady = ready;
        if (decision.Pods == 0)
            hasAdoptedPods = false;
        CurrentPods = decision.Pods;
        return decision;
    }

    private void TrackBacklog(DateTimeOffset now)
    {
        if (now - lastScaleUpAt <= BacklogWindow)
            backlogPeak = Math.Max(backlogPeak, Load.GetSnapshot(now).Waiting);
    }

    /// <summary>
    /// Whether scaling up is allowed. After scaling up, further scaling up is held back until the pods have started plus one panic window,
    /// unless the backlog exceeds twice its extrapolated growth: 20 requests waiting after 1.5 s and 60 after 4.5 s are the same backlog.
    /// The hold ends after one stable window, even if pods never become ready.
    /// </summary>
    private bool CanScaleUp(int ready, int waiting, DateTimeOffset now)
    {
        if (lastScaleUpAt is not { } at || now - at <= BacklogWindow || now - at >= options.StableWindow)
            return true;
        var isNewBacklog = waiting > 2 * Math.Max(1, backlogPeak) * ((now - at) / BacklogWindow);
        var hadTimeToServe =
            ready >= CurrentPods
            && ready <= lastReady
            && now - at >= options.PanicWindow
            && !(now - lastReadyIncreaseAt < options.PanicWindow);
        return isNewBacklog || hadTimeToServe;
    }
}
