using DeployCard.Contracts.Autoscaling;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Domain.Autoscaling;

namespace DeployCard.Domain.Deployments;

/// <summary>
/// Owns the desired number of pods. Invariant: only <see cref="Decide"/> changes it, a deployment that must not have pods wants none, and
/// pods of an earlier activation are adopted exactly once, before the first decision that sees them.
/// </summary>
/// <param name="options">Settings of the autoscaler.</param>
/// <param name="maxPods">Maximum number of pods of a deployment, even if its configuration allows more.</param>
/// <param name="time">Clock of the decisions.</param>
internal sealed class ScalingLoop(AutoscalerOptions options, int maxPods, TimeProvider time)
{
    /// <summary>
    /// Minimum interval between updates of the scaling reason on the card while the number of pods stays the same. The averages in the
    /// reason change with every load report, and publishing each of them would flood the subscribers. A new number of pods is published
    /// immediately. The reason is not stored.
    /// </summary>
    public static readonly TimeSpan ReasonUpdateInterval = TimeSpan.FromSeconds(5);

    private Autoscaler autoscaler = new(options);
    private bool hasAdoptedPods;

    /// <summary>The latest decision as users see it. Its reason can be older than <see cref="Decide"/> was called last.</summary>
    public ScalingDecision Decision { get; private set; } = ScalingDecision.Create(0, "no decision yet", time.GetUtcNow());

    /// <summary>Names of the pods that have requests, according to the valid load reports.</summary>
    public IReadOnlySet<PodName> BusyPods => autoscaler.Load.GetBusyPods(time.GetUtcNow());

    /// <summary>Discards the load and the earlier decisions, because a deployment of this name is created.</summary>
    public void StartOver() => autoscaler = new(options);

    /// <summary>Records a request now, which keeps pods running for the idle time.</summary>
    public void RecordActivity() => autoscaler.Load.RecordActivity(time.GetUtcNow());

    /// <summary>
    /// Records a load report. Returns whether it requires more pods than the latest decision wants; only scaling up is urgent.
    /// </summary>
    /// <param name="report">Load of one gateway.</param>
    /// <param name="state">State of the deployment.</param>
    /// <param name="live">The pods that are not draining.</param>
    public bool RecordLoad(LoadReport report, DeploymentState state, IReadOnlyList<PodObservation> live)
    {
        var now = time.GetUtcNow();
        autoscaler.RecordReport(report, now);
        return state.CanHavePods && autoscaler.Evaluate(state.Current.Configuration, CountReady(live), maxPods, now).Pods > Decision.Pods;
    }

    /// <summary>Decides the number of pods.</summary>
    /// <param name="state">State of the deployment.</param>
    /// <param name="live">The pods that are not draining; empty while they are unknown.</param>
    /// <param name="arePodsKnown">Whether the runtime has reported the pods at least once.</param>
    public void Decide(DeploymentState state, IReadOnlyList<PodObservation> live, bool arePodsKnown)
    {
        var now = time.GetUtcNow();
        if (!state.CanHavePods)
        {
            autoscaler.Reset();
            Apply(ScalingDecision.Create(0, state.DeletedAt is null ? "stopped" : "deleted", now));
            return;
        }

        if (arePodsKnown && !hasAdoptedPods)
            Adopt(live, now);
        if (live.Count > 0 && live.All(p => p.IsLeaving))
            autoscaler.ExpireIdleTimer(now);
        Apply(autoscaler.Decide(state.Current.Configuration, CountReady(live), maxPods, now));
    }

    /// <summary>
    /// Takes over the pods of an earlier activation. During a rollout or while a host drains, old and new pods overlap, so the largest
    /// group counts and not the sum.
    /// </summary>
    private void Adopt(IReadOnlyList<PodObservation> live, DateTimeOffset now)
    {
        hasAdoptedPods = true;
        autoscaler.Adopt(live.GroupBy(p => (p.Revision, p.IsLeaving)).Select(alike => alike.Count()).DefaultIfEmpty().Max(), now);
    }

    private void Apply(ScalingDecision decided)
    {
        // With 0 pods the reason has no changing averages, and the timer may stop, so no later tick would publish it.
        var isDue = decided.Pods == 0 || decided.At - Decision.At >= ReasonUpdateInterval;
        if (decided.Pods != Decision.Pods || (decided.Reason != Decision.Reason && isDue))
            Decision = decided;
    }

    private static int CountReady(IReadOnlyList<PodObservation> live) => live.Count(p => p.Phase is PodPhase.Ready);
}
