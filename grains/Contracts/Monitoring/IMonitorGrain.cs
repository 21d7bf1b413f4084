using DeployCard.Contracts.Monitoring.Alerts;
using DeployCard.Contracts.Results;

namespace DeployCard.Contracts.Monitoring;

/// <summary>
/// Keeps the per-minute monitoring data of one deployment, for three days by default (<c>MonitorOptions.Retention</c>). The key
/// is the name of the deployment. The data outlives the deletion of the deployment. Silos report absolute counts; idle deployments are
/// not reported.
/// </summary>
[Alias("monitor")]
public interface IMonitorGrain : IGrainWithStringKey
{
    /// <summary>Maximum number of points that one query returns: three days of minutes.</summary>
    const int MaxPoints = 3 * 24 * 60;

    /// <summary>
    /// Maximum number of minutes for <see cref="GetLatest"/> and <see cref="Watch"/>. An active grain always has these minutes in memory.
    /// </summary>
    const int MaxLatestMinutes = 15;

    /// <summary>
    /// Applies a report of a source. Parts may arrive twice, late or out of order: only the newest version for a source and minute
    /// counts. Parts are ignored if their minute is more than 15 minutes in the past or more than one minute in the future.
    /// </summary>
    /// <param name="source">Address of the silo, including the generation of its process.</param>
    /// <param name="parts">The minutes that the source counted. Empty to request only a receipt.</param>
    /// <returns>The versions of the source that have arrived and that are stored.</returns>
    Task<MonitorReceipt> Report(string source, IReadOnlyList<MinutePart> parts);

    /// <summary>
    /// Returns the minutes of a range, merged into points of one step each. If the range or the step is out of range, returns an error that
    /// names the field and the allowed values.
    /// </summary>
    Task<Outcome<MonitorView>> Query(MonitorQuery query);

    /// <summary>Returns the last minutes, including the current one, as points of one minute each.</summary>
    /// <param name="minutes">Number of minutes, 1 to <see cref="MaxLatestMinutes"/>.</param>
    Task<MonitorView> GetLatest(int minutes);

    /// <summary>
    /// Streams the result of <see cref="GetLatest"/>: immediately, and again whenever a report changes a minute. A slow reader may miss
    /// intermediate states, but always receives the newest. Ends when the deployment is purged.
    /// </summary>
    IAsyncEnumerable<MonitorView> Watch(int minutes, CancellationToken cancellationToken);

    /// <summary>
    /// Streams the firing alerts: immediately, and again whenever the set of firing alerts changes. Ends when the deployment is purged.
    /// </summary>
    IAsyncEnumerable<FiringAlerts> WatchAlerts(CancellationToken cancellationToken);

    /// <summary>Activates the grain, so that it resumes evaluating alerts after the silo that hosted it has stopped.</summary>
    Task Wake();

    /// <summary>Deletes all monitoring data and alerts, because the deployment is purged.</summary>
    Task Remove(CancellationToken cancellationToken);
}

/// <summary>Acknowledgement of the reports of one source.</summary>
/// <param name="ReceivedVersion">
/// Highest version of the source that has arrived. If it is lower than in an earlier receipt, the grain has lost reports that were not
/// stored, and the source must report the higher versions again.
/// </param>
/// <param name="StoredVersion">
/// Highest version of the source that is stored durably; parts up to this version need not be reported again.
/// </param>
[GenerateSerializer, Alias("monitor-receipt"), Immutable]
public sealed record MonitorReceipt([property: Id(0)] long ReceivedVersion, [property: Id(1)] long StoredVersion);

/// <summary>A range of minutes and the length of its points.</summary>
/// <param name="From">Start of the range, inclusive, rounded down to a whole minute. Minutes older than the retention are omitted.</param>
/// <param name="To">End of the range, exclusive. May be in the future.</param>
/// <param name="Step">Length of a point: a whole number of minutes, 1 minute to 1 day.</param>
[GenerateSerializer, Alias("monitor-query"), Immutable]
public sealed record MonitorQuery(
    [property: Id(0)] DateTimeOffset From,
    [property: Id(1)] DateTimeOffset To,
    [property: Id(2)] TimeSpan Step
);
