namespace DeployCard.LocalProcess.Readiness;

/// <summary>Computes the delay between readiness probes. The delay is short, because it adds to the latency of a waiting request.</summary>
internal static class ReadinessBackoff
{
    private static readonly TimeSpan MinDelay = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan MaxDelayBeforeListening = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan MaxDelayWhileListening = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Returns 1/50 of the time since the first probe, 2 ms to 25 ms, while no process listens on the port. Once the pod accepts
    /// connections, each probe costs it some work and a line in its log: the delay is then 1/20, 2 ms to 250 ms.
    /// </summary>
    public static TimeSpan DelayAfter(TimeSpan sinceStart, bool isListening)
    {
        var delay = sinceStart / (isListening ? 20 : 50);
        var max = isListening ? MaxDelayWhileListening : MaxDelayBeforeListening;
        return delay < MinDelay ? MinDelay
            : delay > max ? max
            : delay;
    }
}
