using DeployCard.Contracts.Pods;
using k8s.Models;

namespace DeployCard.Kubernetes.Pods;

/// <summary>State of one pod in the <see cref="PodTable"/>.</summary>
/// <remarks>
/// The readiness that <c>StartupProber</c> observed is kept separately. It applies to one container run, until Kubernetes reports
/// that run as ready or the run ends.
/// </remarks>
/// <param name="Pod">The pod as Kubernetes reported it.</param>
/// <param name="PlatformState">The observation derived from <paramref name="Pod"/>.</param>
/// <param name="RemovedAt">The time of removal; null if the pod exists.</param>
/// <param name="ReadyRun">The last run that Kubernetes reported as ready; null before the first.</param>
/// <param name="ProbeState">The last run that passed its readiness check, with the time; null before the first.</param>
internal sealed record PodEntry(
    V1Pod Pod,
    PodObservation PlatformState,
    DateTimeOffset? RemovedAt,
    string? ReadyRun,
    (string Run, DateTimeOffset At)? ProbeState
)
{
    /// <summary>Observation of the pod, with the readiness that <c>StartupProber</c> observed.</summary>
    public PodObservation EffectiveState =>
        ProbeState is not { } probed ? PlatformState
        : PlatformState.Phase is PodPhase.Starting && probed.Run != ReadyRun && probed.Run == ServingContainerStatus.GetRunId(Pod)
            ? PodStatusMapper.ToReady(Pod, PlatformState, probed.At)
        // The run may have ended before Kubernetes reported it as ready.
        : PlatformState with { ReadyAt = PlatformState.ReadyAt ?? probed.At };

    /// <summary>
    /// Readiness check of a starting pod; null if the pod is not starting, its container does not run yet, or the current run has already
    /// been ready.
    /// </summary>
    public ReadinessCheck? ReadinessCheck =>
        RemovedAt is null && EffectiveState.Phase is PodPhase.Starting && ReadinessCheck.From(Pod) is { } check && check.Run != ReadyRun
            ? check
            : null;

    /// <summary>Creates the entry of a pod that exists.</summary>
    /// <param name="pod">The pod as Kubernetes reports it.</param>
    /// <param name="before">The previous entry of the pod; null for a new pod.</param>
    public static PodEntry Create(V1Pod pod, PodEntry? before)
    {
        var state = PodStatusMapper.ToObservation(pod, before?.PlatformState);
        var readyRun = state.Phase is PodPhase.Ready ? ServingContainerStatus.GetRunId(pod) : before?.ReadyRun;
        return new(pod, state, null, readyRun, before?.ProbeState);
    }

    /// <summary>Returns the entry with the final state of the pod, which includes the exit code.</summary>
    public PodEntry WithFinalState(V1Pod pod) => this with { Pod = pod, PlatformState = PodStatusMapper.ToObservation(pod, PlatformState) };

    /// <summary>Returns the entry of the removed pod. A pod is removed once; a repetition keeps the first time.</summary>
    public PodEntry Remove(DateTimeOffset now) =>
        this with
        {
            PlatformState = PodStatusMapper.ToRemoved(EffectiveState),
            RemovedAt = RemovedAt ?? now,
        };
}
