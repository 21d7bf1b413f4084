using DeployCard.LocalProcess.Processes;

namespace DeployCard.LocalProcess.Pods;

/// <summary>Outcome of one run of a pod.</summary>
internal enum RunOutcome
{
    /// <summary>The process was not started.</summary>
    ImageUnavailable,

    /// <summary>The process exited without being asked to.</summary>
    Exited,

    /// <summary>The pod did not become ready within the startup timeout and was killed.</summary>
    StartupTimeout,

    /// <summary>Another process took the port of the pod.</summary>
    PortTaken,

    /// <summary>The pod was stopped and ended within its grace period.</summary>
    Stopped,

    /// <summary>The pod was stopped, did not end within its grace period and was killed.</summary>
    Killed,
}

/// <summary>Result of one run of a pod.</summary>
/// <param name="Outcome">How the run ended.</param>
/// <param name="Message">A sentence that describes the outcome, for users.</param>
/// <param name="ExitCode">0 to 255, with 128 + n for signal n; null if the process was not started.</param>
/// <param name="LastLines">The last lines that the process wrote, at most 20.</param>
/// <param name="ReadyDuration">Time for which the pod was ready; zero if it never was.</param>
internal sealed record RunResult(RunOutcome Outcome, string Message, int? ExitCode, IReadOnlyList<string> LastLines, TimeSpan ReadyDuration)
{
    public static RunResult NotStarted(string message) => new(RunOutcome.ImageUnavailable, message, null, [], TimeSpan.Zero);

    /// <summary>Formats an exit code, for example <c>exit code 3</c> or <c>signal 15 (SIGTERM)</c>.</summary>
    public static string Describe(int exitCode) =>
        exitCode switch
        {
            126 => "exit code 126 (usually: the program cannot be executed)",
            127 => "exit code 127 (usually: the program was not found)",
            > 128 => $"signal {ProcessSignals.Describe(exitCode - 128)}",
            _ => $"exit code {exitCode}",
        };
}
