using DeployCard.Grains.Results;

namespace DeployCard.Grains.Monitoring;

/// <summary>A query's range in whole minutes.</summary>
/// <param name="From">The first minute.</param>
/// <param name="Points">How many points there are.</param>
/// <param name="Step">How many minutes each has.</param>
internal readonly record struct MonitorRange(long From, int Points, int Step)
{
    private static readonly TimeSpan LongestStep = TimeSpan.FromDays(1);

    /// <summary>The first minute behind it.</summary>
    public long To => From + ((long)Points * Step);

    /// <summary>The last minutes up to the running one.</summary>
    public static MonitorRange Last(int minutes, DateTimeOffset now) => new(MinuteBucket.MinuteOf(now) - minutes + 1, minutes, 1);

    /// <summary>
    /// What of a query can be answered: nothing that is older than is kept, and nothing behind the running minute. Points stay where they
    /// would be without that, so that those of two queries with the same beginning fit.
    /// </summary>
    public static (MonitorRange Range, FieldError? Error) Of(MonitorQuery query, DateTimeOffset now, TimeSpan retention)
    {
        if (query.Step.Ticks % TimeSpan.TicksPerMinute != 0 || query.Step < TimeSpan.FromMinutes(1) || query.Step > LongestStep)
            return Refuse("step", $"step must be whole minutes, 1 minute to 1 day; {query.Step:c} was given.");
        if (query.From >= query.To)
            return Refuse("to", $"to must be later than from; {query.From:u} to {query.To:u} was given.");
        var step = (int)query.Step.TotalMinutes;
        var from = MinuteBucket.MinuteOf(query.From);
        // The running minute is one of those that are kept.
        var oldest = MinuteBucket.MinuteOf(now - retention) + 1;
        if (from < oldest)
            from += (oldest - from) / step * step;
        var to = Math.Min(MinuteBucket.MinuteOf(query.To.AddTicks(-1)), MinuteBucket.MinuteOf(now)) + 1;
        var points = Math.Max(0, (to - from + step - 1) / step);
        return points > IMonitorGrain.MostPoints
            ? Refuse("step", $"from, to and step make {points} points; at most {IMonitorGrain.MostPoints} are allowed: take a longer step.")
            : (new(from, (int)points, step), null);
    }

    private static (MonitorRange, FieldError?) Refuse(string field, string message) => (default, new(field, ErrorCodes.Invalid, message));
}
