namespace DeployCard.Grains.Monitoring.Alerts;

/// <summary>A rule's value, from what was seen.</summary>
internal static class AlertValue
{
    private const double MillisecondsPerSecond = 1000;
    private const double SecondsPerMinute = 60;

    /// <summary>The value in the unit of its limit; null where nothing was seen that it is of.</summary>
    /// <param name="limit">Which rule, over how many minutes.</param>
    /// <param name="seen">What was seen in these minutes; one may be there more than once, as several sources saw it.</param>
    public static double? Of(AlertLimit limit, IEnumerable<MinuteBucket> seen) =>
        limit.Rule switch
        {
            AlertRule.ErrorRatio => ErrorRatio(Sum(seen)),
            AlertRule.Latency => Figures(seen, bucket => bucket.Latency)?.P99.TotalSeconds,
            AlertRule.CrashLoop => Sum(seen)[(int)Figure.PodCrashes],
            AlertRule.BacklogAge => Sum(seen)[(int)Figure.AsyncOldestAge] / MillisecondsPerSecond,
            AlertRule.ColdStart => Figures(seen, bucket => bucket.ColdStart)?.P90.TotalSeconds,
            AlertRule.CapacityRejections => Sum(seen)[(int)Figure.RejectedForCapacity] / (limit.Window * SecondsPerMinute),
            _ => throw new ArgumentOutOfRangeException(nameof(limit), limit.Rule, "There is no such rule."),
        };

    private static double? ErrorRatio(long[] sum)
    {
        var failed = sum[(int)Figure.ServerErrors] + sum[(int)Figure.Failed];
        var all =
            failed + sum[(int)Figure.Succeeded] + sum[(int)Figure.ClientErrors] + sum[(int)Figure.Rejected] + sum[(int)Figure.Canceled];
        return all > 0 ? (double)failed / all : null;
    }

    private static long[] Sum(IEnumerable<MinuteBucket> seen)
    {
        var sum = new long[Monitoring.Figures.Count];
        foreach (var bucket in seen)
            Monitoring.Figures.AddMinute(sum, bucket.Figures);
        return sum;
    }

    private static LatencyFigures? Figures(IEnumerable<MinuteBucket> seen, Func<MinuteBucket, LatencyHistogram?> histogram)
    {
        var sum = new LatencySum();
        foreach (var bucket in seen)
            sum.Add(histogram(bucket));
        return sum.TakeFigures();
    }
}
