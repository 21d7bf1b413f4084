using DeployCard.Common.Retry;

namespace DeployCard.LocalProcess.Readiness;

/// <summary>Delays between readiness probes. They are short, because they add to the latency of a waiting request.</summary>
internal static class ProbeDelays
{
    private static readonly TimeSpan MinDelay = TimeSpan.FromMilliseconds(2);

    /// <summary>Delay while no process listens on the port: 1/50 of the time since the first probe, 2 ms to 25 ms.</summary>
    public static readonly ProportionalDelay BeforeListening = new(MinDelay, 50, TimeSpan.FromMilliseconds(25));

    /// <summary>
    /// Delay once the pod accepts connections: 1/20 of the time since the first probe, 2 ms to 250 ms. Each probe costs the pod some work
    /// and a line in its log.
    /// </summary>
    public static readonly ProportionalDelay WhileListening = new(MinDelay, 20, TimeSpan.FromMilliseconds(250));

    /// <summary>Returns the delay before the next probe.</summary>
    public static TimeSpan DelayAfter(TimeSpan elapsed, bool isListening) =>
        (isListening ? WhileListening : BeforeListening).DelayAfter(elapsed);
}
