using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Results;

namespace DeployCard.Domain.Monitoring;

/// <summary>The range of a query in whole minutes.</summary>
/// <param name="From">First minute of the range, in whole minutes since 0001-01-01 UTC.</param>
/// <param name="Points">Number of points; 0 if the range contains no minutes that are kept.</param>
/// <param name="Step">Number of minutes in each point.</param>
internal readonly record struct MonitorRange(long From, int Points, int Step)
{
    private static readonly TimeSpan MaxStep = TimeSpan.FromDays(1);

    /// <summary>First minute after the range.</summary>
    public long To => From + ((long)Points * Step);

    /// <summary>Returns the last minutes up to and including the current one, as points of one minute.</summary>
    public static MonitorRange Last(int minutes, DateTimeOffset now) => new(MinuteBucket.ToMinute(now) - minutes + 1, minutes, 1);

    /// <summary>
    /// Clips a query to the minutes that are kept, up to and including the current one. Clipping removes whole points and does not
    /// shift the others, so that points of two queries with the same start and step align. Returns an error if the query is not valid.
    /// </summary>
    public static (MonitorRange Range, FieldError? Error) FromQuery(MonitorQuery query, DateTimeOffset now, TimeSpan retention)
    {
        if (query.Step.Ticks % TimeSpan.TicksPerMinute != 0 || query.Step < TimeSpan.FromMinutes(1) || query.Step > MaxStep)
            return Reject("step", $"step must be a whole number of minutes, 1 minute to 1 day; got {query.Step:c}.");
        if (query.From >= query.To)
            return Reject("to", $"to must be later than from; got from {query.From:u} and to {query.To:u}.");
        var step = (int)query.Step.TotalMinutes;
        var from = MinuteBucket.ToMinute(query.From);
        // The retention includes the current minute.
        var oldest = MinuteBucket.ToMinute(now - retention) + 1;
        if (from < oldest)
            from += (oldest - from) / step * step;
        var to = Math.Min(MinuteBucket.ToMinute(query.To.AddTicks(-1)), MinuteBucket.ToMinute(now)) + 1;
        var points = Math.Max(0, (to - from + step - 1) / step);
        return points > IMonitorGrain.MaxPoints
            ? Reject("step", $"from, to and step yield {points} points; at most {IMonitorGrain.MaxPoints} are allowed. Use a longer step.")
            : (new(from, (int)points, step), null);
    }

    private static (MonitorRange, FieldError?) Reject(string field, string message) =>
        (default, new(field, ErrorCodes.InvalidInput, message));
}
