using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Pods;

namespace DeployCard.Domain.Deployments;

/// <summary>Derives the status and the failure of a deployment from its desired state and its pods.</summary>
internal static class DeploymentStatusPolicy
{
    public static DeploymentStatus GetStatus(DeploymentState state, IReadOnlyList<PodObservation> live, int desired) =>
        state switch
        {
            { DeletedAt: not null } => DeploymentStatus.Deleted,
            { IsStopped: true } => DeploymentStatus.Stopped,
            _ when live.Any(p => p.Phase is PodPhase.Ready) => DeploymentStatus.Ready,
            { Failure: not null } => DeploymentStatus.Failed,
            _ when live.Count > 0 => DeploymentStatus.Starting,
            _ => desired > 0 ? DeploymentStatus.Pending : DeploymentStatus.Idle,
        };

    /// <summary>
    /// Returns the reason why pods do not become ready; null if no failure is known. A known failure is kept until a pod of the current
    /// revision is ready.
    /// </summary>
    public static DeploymentFailure? GetFailure(DeploymentState state, IReadOnlyList<PodObservation> live, DateTimeOffset now)
    {
        var current = live.Where(p => p.Revision == state.Current.Number).ToList();
        if (current.Exists(p => p.Phase is PodPhase.Ready))
            return null;
        var failed = current.FindLast(p => p.Phase is PodPhase.Failed || WasRestartedAfterTimeout(p));
        return failed is null || IsSameFailure(state.Failure, failed) ? state.Failure : Describe(failed, now);
    }

    /// <summary>
    /// Returns the time of the next restart if no pod can become ready before it; null while waiting for a pod is worthwhile. Waiting is
    /// worthwhile if there are no pods, or if a pod is starting, is ready, or was ready and crashed for the first time.
    /// <see cref="RetryTime.Unknown"/> if the time is not known.
    /// </summary>
    public static DateTimeOffset? GetRetryAt(IReadOnlyList<PodObservation> live) =>
        live.Count > 0 && live.All(CannotBecomeReady) ? live.Min(p => p.NextStartAt ?? RetryTime.Unknown) : null;

    private static bool CannotBecomeReady(PodObservation pod) =>
        pod.Phase is PodPhase.Failed && (pod.ReadyAt is null || pod.Reason is PodReasons.CrashLoopBackOff);

    /// <summary>
    /// Whether the platform has already restarted a pod that missed its startup timeout. Some platforms never report such a pod as failed.
    /// </summary>
    private static bool WasRestartedAfterTimeout(PodObservation pod) =>
        pod is { Phase: PodPhase.Starting, Restarts: > 0, Reason: PodReasons.StartupTimeout };

    private static bool IsSameFailure(DeploymentFailure? known, PodObservation failed) =>
        known is not null
        && known.Pod == failed.Name.Value
        && known.Reason == Reason(failed)
        && known.ExitCode == failed.ExitCode
        && known.Restarts == RestartsBefore(failed);

    private static DeploymentFailure Describe(PodObservation pod, DateTimeOffset now) =>
        new(
            pod.Name.Value,
            pod.Revision,
            Reason(pod),
            pod.Message ?? "The pod failed.",
            pod.ExitCode,
            pod.LastLines,
            now,
            RestartsBefore(pod)
        );

    /// <summary>Number of restarts of the pod before this failure.</summary>
    private static int RestartsBefore(PodObservation failed) => failed.Phase is PodPhase.Failed ? failed.Restarts : failed.Restarts - 1;

    private static string Reason(PodObservation pod) => pod.Reason ?? PodReasons.Exited;
}
