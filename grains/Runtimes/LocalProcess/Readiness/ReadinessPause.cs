namespace DeployCard.Grains.Runtimes.LocalProcess.Readiness;

/// <summary>How long to wait before a pod is asked again whether it is ready. A waiting request pays for it, so it stays short.</summary>
internal static class ReadinessPause
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestUnheard = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongestHeard = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// A fiftieth of the time since the start, 2 ms to 25 ms, while nobody listens. Once the pod answers "not yet" each question is a line in its
    /// log and some work: then a twentieth, to 250 ms.
    /// </summary>
    public static TimeSpan After(TimeSpan sinceStart, bool heard)
    {
        var pause = sinceStart / (heard ? 20 : 50);
        var longest = heard ? LongestHeard : LongestUnheard;
        return pause < Shortest ? Shortest
            : pause > longest ? longest
            : pause;
    }
}
