using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Deployments;

/// <summary>What a deployment's status and failure are, from what is wanted and what is there.</summary>
internal static class DeploymentStatusDecision
{
    public static DeploymentStatus Status(DeploymentState state, IReadOnlyList<PodObservation> live, int desired) =>
        state switch
        {
            { DeletedAt: not null } => DeploymentStatus.Deleted,
            { IsStopped: true } => DeploymentStatus.Stopped,
            _ when live.Any(p => p.Phase is PodPhase.Ready) => DeploymentStatus.Ready,
            { Failure: not null } => DeploymentStatus.Failed,
            _ when live.Count > 0 => DeploymentStatus.Starting,
            _ => desired > 0 ? DeploymentStatus.Pending : DeploymentStatus.Idle,
        };

    /// <summary>Why pods do not become ready: what is known stays until a pod of the present revision is ready.</summary>
    public static DeploymentFailure? Failure(DeploymentState state, IReadOnlyList<PodObservation> live, DateTimeOffset now)
    {
        var present = live.Where(p => p.Revision == state.Current.Number).ToList();
        if (present.Exists(p => p.Phase is PodPhase.Ready))
            return null;
        var failed = present.FindLast(p => p.Phase is PodPhase.Failed || IsTriedAgain(p));
        return failed is null || IsKnown(state.Failure, failed) ? state.Failure : Describe(failed, now);
    }

    /// <summary>
    /// When pods are tried again of which there is no use in waiting for any; null while one may become ready soon: it is coming up, or it was
    /// ready and crashed for the first time. <see cref="RetryTime.Unknown"/> where nobody says when.
    /// </summary>
    public static DateTimeOffset? RetryAt(IReadOnlyList<PodObservation> live) =>
        live.Count > 0 && live.All(IsHopeless) ? live.Min(p => p.NextStartAt ?? RetryTime.Unknown) : null;

    private static bool IsHopeless(PodObservation pod) =>
        pod.Phase is PodPhase.Failed && (pod.ReadyAt is null || pod.Reason is PodReasons.CrashLoopBackOff);

    /// <summary>Some platforms start a pod again that was too slow without ever telling that it had failed.</summary>
    private static bool IsTriedAgain(PodObservation pod) =>
        pod is { Phase: PodPhase.Starting, Restarts: > 0, Reason: PodReasons.StartupTimeout };

    private static bool IsKnown(DeploymentFailure? known, PodObservation failed) =>
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

    /// <summary>How often it had been started again before it failed.</summary>
    private static int RestartsBefore(PodObservation failed) => failed.Phase is PodPhase.Failed ? failed.Restarts : failed.Restarts - 1;

    private static string Reason(PodObservation pod) => pod.Reason ?? PodReasons.Exited;
}
