namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>How a run of a pod ended.</summary>
internal enum RunOutcome
{
    /// <summary>It was never started.</summary>
    ImageUnavailable,

    /// <summary>By itself.</summary>
    Exited,

    /// <summary>It was not ready in time and was killed.</summary>
    StartupTimeout,

    /// <summary>Somebody else was quicker to take its port.</summary>
    PortTaken,

    /// <summary>We asked it to.</summary>
    Stopped,

    /// <summary>We asked it to, and it did not obey in time.</summary>
    Killed,
}

/// <summary>The end of one run of a pod.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Message">The same in a sentence.</param>
/// <param name="ExitCode">0 to 255, 128 + n for an end by signal n; null when it was never started.</param>
/// <param name="LastLines">What it wrote last.</param>
/// <param name="Ready">How long it was ready.</param>
internal sealed record RunEnd(RunOutcome Outcome, string Message, int? ExitCode, IReadOnlyList<string> LastLines, TimeSpan Ready)
{
    public static RunEnd NotStarted(string message) => new(RunOutcome.ImageUnavailable, message, null, [], TimeSpan.Zero);

    /// <summary>As in <c>exit code 3</c> or <c>signal 15 (SIGTERM)</c>.</summary>
    public static string Describe(int exitCode) =>
        exitCode switch
        {
            126 => "exit code 126 (by custom: the program cannot be executed)",
            127 => "exit code 127 (by custom: the program was not found)",
            > 128 => $"signal {ProcessSignals.Describe(exitCode - 128)}",
            _ => $"exit code {exitCode}",
        };
}
