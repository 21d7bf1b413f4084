using DeployCard.Grains.Monitoring.Alerts;
using DeployCard.Grains.Results;

namespace DeployCard.Grains.Monitoring;

/// <summary>
/// What was seen of one deployment, by its name, minute by minute for three days (<see cref="MonitorOptions.Retention"/>). It outlives the deployment's
/// deletion. Silos tell what they count, in absolute numbers; nobody tells anything of a deployment at rest.
/// </summary>
[Alias("monitor")]
public interface IMonitorGrain : IGrainWithStringKey
{
    /// <summary>The most points of one query: three days of minutes.</summary>
    const int MostPoints = 3 * 24 * 60;

    /// <summary>The most minutes of <see cref="Latest"/> and <see cref="Watch"/>: so many are in memory whenever the grain is.</summary>
    const int MostLatest = 15;

    /// <summary>
    /// Takes what a source saw. A part may come twice, late, or out of order: only the newest of a source and minute counts. One of a minute that
    /// ended more than a quarter of an hour ago, or begins later than in a minute, is left out.
    /// </summary>
    /// <param name="source">The silo, with the generation of its process.</param>
    /// <param name="parts">What it saw; may be empty, to learn only what is stored.</param>
    Task<MonitorReceipt> Report(string source, IReadOnlyList<MinutePart> parts);

    /// <summary>The minutes of a range, merged to points of a step. Refused where the range or the step is out of bounds, with the field and what is allowed.</summary>
    Task<Outcome<MonitorView>> Query(MonitorQuery query);

    /// <summary>The last minutes, the running one included, as points of a minute each; for alerts and the like.</summary>
    /// <param name="minutes">How many, 1 to <see cref="MostLatest"/>.</param>
    Task<MonitorView> Latest(int minutes);

    /// <summary>The same, at once and again whenever something was told. Steps between may be left out, the newest never is. Ends when the deployment is gone.</summary>
    IAsyncEnumerable<MonitorView> Watch(int minutes, CancellationToken cancellationToken);

    /// <summary>The alerts that fire, at once and again whenever others do. Ends when the deployment is gone.</summary>
    IAsyncEnumerable<FiringAlerts> WatchAlerts(CancellationToken cancellationToken);

    /// <summary>Takes the look at its alerts up again where a silo that is gone left it.</summary>
    Task Wake();

    /// <summary>Goes for good, with its deployment.</summary>
    Task Remove(CancellationToken cancellationToken);
}

/// <summary>What became of what a source told.</summary>
/// <param name="Known">The highest version of the source that arrived. Lower than before, the grain has lost what was not stored: tell it again.</param>
/// <param name="Stored">Up to this version nothing needs to be told again.</param>
[GenerateSerializer, Alias("monitor-receipt"), Immutable]
public sealed record MonitorReceipt([property: Id(0)] long Known, [property: Id(1)] long Stored);

/// <summary>Which minutes.</summary>
/// <param name="From">The first one is the minute that holds this time. What is older than is kept is left out.</param>
/// <param name="To">Up to and without this time, which may be in the future.</param>
/// <param name="Step">How long a point is: whole minutes, 1 minute to 1 day.</param>
[GenerateSerializer, Alias("monitor-query"), Immutable]
public sealed record MonitorQuery(
    [property: Id(0)] DateTimeOffset From,
    [property: Id(1)] DateTimeOffset To,
    [property: Id(2)] TimeSpan Step
);
