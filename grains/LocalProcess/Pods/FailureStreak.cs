namespace DeployCard.LocalProcess.Pods;

/// <summary>Consecutive failures of a pod, which determine its restart backoff.</summary>
/// <param name="Failures">Number of consecutive failures that count toward the backoff.</param>
/// <param name="PortConflicts">Number of consecutive starts that failed because another process took the port.</param>
internal sealed record FailureStreak(int Failures, int PortConflicts)
{
    // After more conflicts, assume that a process takes every port and back off: immediate retries would only waste CPU time.
    private const int MaxPortConflicts = 5;

    public static FailureStreak None { get; } = new(0, 0);

    /// <summary>Whether the next start, with a different port, needs no backoff.</summary>
    public bool IsRestartImmediate => PortConflicts is > 0 and <= MaxPortConflicts;

    /// <summary>
    /// Returns the count after a further run; a run that was ready for at least <paramref name="resetAfter"/> resets the failures.
    /// </summary>
    public FailureStreak AfterRun(RunResult end, TimeSpan resetAfter)
    {
        var portsLost = end.Outcome == RunOutcome.PortTaken ? PortConflicts + 1 : 0;
        var before = end.ReadyDuration >= resetAfter ? 0 : Failures;
        return portsLost is > 0 and <= MaxPortConflicts ? new(before, portsLost) : new(before + 1, portsLost);
    }
}
