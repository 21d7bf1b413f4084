using DeployCard.Contracts.Pods;

namespace DeployCard.LocalProcess.Pods;

/// <summary>State transitions of a pod: pure functions from one observation to the next.</summary>
internal static class PodTransitions
{
    public static PodObservation Create(PodSpec pod, DateTimeOffset now) =>
        new()
        {
            Name = pod.Name,
            Deployment = pod.Deployment,
            Revision = pod.Revision,
            Phase = PodPhase.Starting,
            CreatedAt = now,
        };

    /// <summary>The pod starts again. The exit code and the last lines of the previous run remain visible.</summary>
    public static PodObservation ToRestarting(this PodObservation pod) =>
        pod with
        {
            Phase = PodPhase.Starting,
            Restarts = pod.Restarts + 1,
            ReadyAt = null,
            Reason = null,
            Message = null,
            NextStartAt = null,
        };

    public static PodObservation ToReady(this PodObservation pod, Uri address, PodProtocol protocol, DateTimeOffset now) =>
        pod with
        {
            Phase = PodPhase.Ready,
            Protocol = protocol,
            Address = address,
            ReadyAt = now,
        };

    public static PodObservation ToFailed(this PodObservation pod, RunResult end, FailureStreak count, DateTimeOffset nextStartAt) =>
        pod with
        {
            Phase = PodPhase.Failed,
            Address = null,
            ExitCode = end.ExitCode ?? pod.ExitCode,
            Reason = Reason(end.Outcome, count),
            Message = end.Message,
            LastLines = [.. end.LastLines],
            NextStartAt = nextStartAt,
        };

    /// <summary>The pod was asked to end. Its address is cleared, so that it receives no new requests.</summary>
    public static PodObservation ToDraining(this PodObservation pod) =>
        pod.Phase is PodPhase.Ended ? pod : pod with { Phase = PodPhase.Draining, Address = null };

    /// <summary>The pod has ended; <paramref name="end"/> is null if no process was running.</summary>
    public static PodObservation ToEnded(this PodObservation pod, RunResult? end) =>
        pod with
        {
            Phase = PodPhase.Ended,
            Address = null,
            ExitCode = end?.ExitCode ?? pod.ExitCode,
            Reason = end?.Outcome == RunOutcome.Killed ? PodReasons.Killed : PodReasons.Stopped,
            Message = end?.Message ?? "The pod was stopped while it was waiting for a restart.",
            NextStartAt = null,
        };

    private static string Reason(RunOutcome outcome, FailureStreak count) =>
        outcome switch
        {
            RunOutcome.ImageUnavailable => PodReasons.ImageUnavailable,
            RunOutcome.StartupTimeout => PodReasons.StartupTimeout,
            _ when count.Failures > 1 => PodReasons.CrashLoopBackOff,
            _ => PodReasons.Exited,
        };
}
