using DeployCard.Client.Cluster;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Results;

namespace DeployCard.GraphQL.Monitoring;

/// <summary>Queries metrics and fills in defaults for an omitted range or step.</summary>
internal static class MonitoringReader
{
    private static readonly TimeSpan DefaultRange = TimeSpan.FromHours(1);
    private static readonly TimeSpan MinStep = TimeSpan.FromMinutes(1);

    /// <summary>Maximum number of points for the default step; a chart cannot show more.</summary>
    private const int MaxDefaultPoints = 360;

    /// <param name="monitor">Grain that holds the deployment's metrics.</param>
    /// <param name="calls">Policy that retries grain calls.</param>
    /// <param name="range">Requested range and step; each null part is replaced by its default.</param>
    /// <param name="createdAt">Creation time of the deployment. Earlier data belongs to a deleted deployment of the same name and is
    /// omitted.</param>
    /// <param name="now">Current time, the default end of the range.</param>
    public static async Task<MonitoringResult> Read(
        IMonitorGrain monitor,
        GrainRetry calls,
        (DateTimeOffset? From, DateTimeOffset? To, TimeSpan? Step) range,
        DateTimeOffset createdAt,
        DateTimeOffset now
    )
    {
        var to = range.To ?? now;
        var from = range.From ?? to - DefaultRange;
        if (from < createdAt && createdAt < to)
            from = createdAt;
        var query = new MonitorQuery(from, to, range.Step ?? StepFor(to - from));
        var outcome = await calls.Execute(() => monitor.Query(query));
        return outcome.Succeeded ? new(outcome.Value) : throw new ApiException(ErrorCodes.InvalidInput, outcome.Errors[0].Message);
    }

    private static TimeSpan StepFor(TimeSpan range) =>
        range <= MinStep * MaxDefaultPoints
            ? MinStep
            : TimeSpan.FromMinutes(Math.Min(24 * 60, Math.Ceiling(range.TotalMinutes / MaxDefaultPoints)));
}
