using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>The steps of a pod's life as they are observed: each from the one before, without a clock or a process.</summary>
internal static class PodLife
{
    public static PodObservation Begin(PodSpec pod, DateTimeOffset now) =>
        new()
        {
            Name = pod.Name,
            Deployment = pod.Deployment,
            Revision = pod.Revision,
            Phase = PodPhase.Starting,
            CreatedAt = now,
        };

    /// <summary>It is started again. What its last run left, exit code and lines, stays to be read.</summary>
    public static PodObservation StartingAgain(this PodObservation pod) =>
        pod with
        {
            Phase = PodPhase.Starting,
            Restarts = pod.Restarts + 1,
            ReadyAt = null,
            Reason = null,
            Message = null,
            NextStartAt = null,
        };

    public static PodObservation Ready(this PodObservation pod, Uri address, PodProtocol protocol, DateTimeOffset now) =>
        pod with
        {
            Phase = PodPhase.Ready,
            Protocol = protocol,
            Address = address,
            ReadyAt = now,
        };

    public static PodObservation Failed(this PodObservation pod, RunEnd end, RestartCount count, DateTimeOffset nextStartAt) =>
        pod with
        {
            Phase = PodPhase.Failed,
            Address = null,
            ExitCode = end.ExitCode ?? pod.ExitCode,
            Reason = Reason(end.Outcome, count),
            Message = end.Message,
            LastLines = end.LastLines,
            NextStartAt = nextStartAt,
        };

    /// <summary>It was asked to end, and does not answer any more for all that anybody may know.</summary>
    public static PodObservation Ending(this PodObservation pod) =>
        pod.Phase is PodPhase.Ended ? pod : pod with { Phase = PodPhase.Draining, Address = null };

    /// <summary>It has ended for good; <paramref name="end"/> is null when it did not run just then.</summary>
    public static PodObservation Gone(this PodObservation pod, RunEnd? end) =>
        pod with
        {
            Phase = PodPhase.Ended,
            Address = null,
            ExitCode = end?.ExitCode ?? pod.ExitCode,
            Reason = end?.Outcome == RunOutcome.Killed ? PodReasons.Killed : PodReasons.Stopped,
            Message = end?.Message ?? "It was stopped while it did not run.",
            NextStartAt = null,
        };

    private static string Reason(RunOutcome outcome, RestartCount count) =>
        outcome switch
        {
            RunOutcome.ImageUnavailable => PodReasons.ImageUnavailable,
            RunOutcome.StartupTimeout => PodReasons.StartupTimeout,
            _ when count.Failures > 1 => PodReasons.CrashLoopBackOff,
            _ => PodReasons.Exited,
        };
}
