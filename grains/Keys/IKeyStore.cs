using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.Keys;

/// <summary>The catalog of keys: indexed queries on storage that wake no grain.</summary>
public interface IKeyStore
{
    /// <summary>The keys of up to 1,000 deployments, newest first, revoked and expired ones too until they are removed.</summary>
    Task<IReadOnlyList<KeySummary>> List(IReadOnlyList<DeploymentName> deployments, CancellationToken cancellationToken);

    /// <summary>The key of a keyed hash; null where there is none.</summary>
    Task<KeySummary?> Find(string hash, CancellationToken cancellationToken);
}

/// <summary>A key as lists show it.</summary>
/// <param name="Id">Its id, which is no secret.</param>
/// <param name="Hash">The keyed hash of its text.</param>
/// <param name="Deployment">The deployment that it opens.</param>
/// <param name="Name">What its maker calls it.</param>
/// <param name="Prefix">The first characters of its text.</param>
/// <param name="CreatedAt">When it was created, UTC.</param>
/// <param name="CreatedBy">Who created it.</param>
/// <param name="ExpiresAt">From when on it is refused, UTC.</param>
/// <param name="RevokedAt">When it was revoked, UTC.</param>
/// <param name="LastUsedAt">When it was last used, UTC, to the minute.</param>
/// <param name="RequestsPerSecond">Requests for each second that one gateway lets through on average; 0 for no bound.</param>
/// <param name="RequestBurst">Requests that may come at once above that rate; 0 for one second's worth.</param>
[GenerateSerializer, Alias("key-summary"), Immutable]
public sealed record KeySummary(
    [property: Id(0)] string Id,
    [property: Id(1)] string Hash,
    [property: Id(2)] DeploymentName Deployment,
    [property: Id(3)] string Name,
    [property: Id(4)] string Prefix,
    [property: Id(5)] DateTimeOffset CreatedAt,
    [property: Id(6)] string CreatedBy,
    [property: Id(7)] DateTimeOffset? ExpiresAt,
    [property: Id(8)] DateTimeOffset? RevokedAt,
    [property: Id(9)] DateTimeOffset? LastUsedAt,
    [property: Id(10)] double RequestsPerSecond = 0,
    [property: Id(11)] int RequestBurst = 0
);
