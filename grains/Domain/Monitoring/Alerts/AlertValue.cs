using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Monitoring.Alerts;

namespace DeployCard.Domain.Monitoring.Alerts;

/// <summary>Computes the value of an alert rule from the monitoring data.</summary>
internal static class AlertValue
{
    private const double MillisecondsPerSecond = 1000;
    private const double SecondsPerMinute = 60;

    /// <summary>Returns the value in the unit of the threshold; null if there is no data for it.</summary>
    /// <param name="condition">The condition with the rule and its window.</param>
    /// <param name="buckets">The data of the minutes in the window. A minute occurs once per source.</param>
    public static double? Compute(AlertCondition condition, IEnumerable<MinuteBucket> buckets) =>
        condition.Rule switch
        {
            AlertRule.ErrorRatio => ErrorRatio(Sum(buckets)),
            AlertRule.Latency => Percentiles(buckets, bucket => bucket.Latency)?.P99.TotalSeconds,
            AlertRule.CrashLoop => Sum(buckets)[(int)TrafficCounter.PodCrashes],
            AlertRule.BacklogAge => Sum(buckets)[(int)TrafficCounter.AsyncOldestAge] / MillisecondsPerSecond,
            AlertRule.ColdStart => Percentiles(buckets, bucket => bucket.ColdStart)?.P90.TotalSeconds,
            AlertRule.CapacityRejections => Sum(buckets)[(int)TrafficCounter.RejectedForCapacity]
                / (condition.WindowMinutes * SecondsPerMinute),
            _ => throw new ArgumentOutOfRangeException(nameof(condition), condition.Rule, "The alert rule is not known."),
        };

    private static double? ErrorRatio(long[] sum)
    {
        var failed = sum[(int)TrafficCounter.ServerErrors] + sum[(int)TrafficCounter.Failed];
        var all =
            failed
            + sum[(int)TrafficCounter.Succeeded]
            + sum[(int)TrafficCounter.ClientErrors]
            + sum[(int)TrafficCounter.Rejected]
            + sum[(int)TrafficCounter.Canceled];
        return all > 0 ? (double)failed / all : null;
    }

    private static long[] Sum(IEnumerable<MinuteBucket> seen)
    {
        var sum = new long[TrafficCounters.Count];
        foreach (var bucket in seen)
            TrafficCounters.AddMinute(sum, bucket.Counters);
        return sum;
    }

    private static LatencyPercentiles? Percentiles(IEnumerable<MinuteBucket> seen, Func<MinuteBucket, LatencyHistogram?> histogram)
    {
        var sum = new LatencySum();
        foreach (var bucket in seen)
            sum.Add(histogram(bucket));
        return sum.DrainPercentiles();
    }
}
