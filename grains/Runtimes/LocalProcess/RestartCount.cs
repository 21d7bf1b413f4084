namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>What a pod's failures in a row come to.</summary>
/// <param name="Failures">Those that count for the pause.</param>
/// <param name="PortsLost">Starts in a row that a stranger on the port spoilt; no fault of the pod.</param>
internal sealed record RestartCount(int Failures, int PortsLost)
{
    // Beyond it something takes every port that we choose, and going on at once would only burn the processor.
    private const int MostPortsLost = 5;

    public static RestartCount None { get; } = new(0, 0);

    /// <summary>Whether the next start, with another port, needs no pause.</summary>
    public bool IsImmediate => PortsLost is > 0 and <= MostPortsLost;

    /// <summary>The count after one more run.</summary>
    public RestartCount After(RunEnd end, TimeSpan reset)
    {
        var portsLost = end.Outcome == RunOutcome.PortTaken ? PortsLost + 1 : 0;
        var before = end.Ready >= reset ? 0 : Failures;
        return portsLost is > 0 and <= MostPortsLost ? new(before, portsLost) : new(before + 1, portsLost);
    }
}
