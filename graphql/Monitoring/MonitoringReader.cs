using DeployCard.Grains.Cluster;
using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Results;

namespace DeployCard.GraphQL.Monitoring;

/// <summary>Asks for monitoring as a person does, who need not name everything.</summary>
internal static class MonitoringReader
{
    private static readonly TimeSpan UsualRange = TimeSpan.FromHours(1);
    private static readonly TimeSpan ShortestStep = TimeSpan.FromMinutes(1);

    /// <summary>More points than a chart has pixels for are of no use.</summary>
    private const int UsualPoints = 360;

    /// <param name="monitor">Whose.</param>
    /// <param name="calls">How it is asked.</param>
    /// <param name="range">What was named.</param>
    /// <param name="createdAt">When the deployment was created: what was before is of another one of that name.</param>
    /// <param name="now">The time.</param>
    public static async Task<Seen> Read(
        IMonitorGrain monitor,
        RepeatableCalls calls,
        (DateTimeOffset? From, DateTimeOffset? To, TimeSpan? Step) range,
        DateTimeOffset createdAt,
        DateTimeOffset now
    )
    {
        var to = range.To ?? now;
        var from = range.From ?? to - UsualRange;
        if (from < createdAt && createdAt < to)
            from = createdAt;
        var query = new MonitorQuery(from, to, range.Step ?? StepFor(to - from));
        var outcome = await calls.Make(() => monitor.Query(query));
        return outcome.Succeeded ? new(outcome.Value) : throw new ApiException(ErrorCodes.Invalid, outcome.Errors[0].Message);
    }

    private static TimeSpan StepFor(TimeSpan range) =>
        range <= ShortestStep * UsualPoints
            ? ShortestStep
            : TimeSpan.FromMinutes(Math.Min(24 * 60, Math.Ceiling(range.TotalMinutes / UsualPoints)));
}
