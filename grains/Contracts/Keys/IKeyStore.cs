using DeployCard.Contracts.Names;

namespace DeployCard.Contracts.Keys;

/// <summary>Catalog of keys: indexed storage queries that activate no grain.</summary>
public interface IKeyStore
{
    /// <summary>
    /// Returns the keys of up to 1,000 deployments, newest first. Revoked and expired keys are included until they are removed.
    /// </summary>
    Task<IReadOnlyList<KeySummary>> List(IReadOnlyList<DeploymentName> deployments, CancellationToken cancellationToken);

    /// <summary>Returns the key with this keyed hash; null if there is no such key.</summary>
    Task<KeySummary?> Find(string hash, CancellationToken cancellationToken);
}

/// <summary>A key as lists show it.</summary>
/// <param name="Id">Public id of the key.</param>
/// <param name="Hash">Keyed hash of the key's text.</param>
/// <param name="Deployment">Deployment that the key gives access to.</param>
/// <param name="Name">Name that users see.</param>
/// <param name="Prefix">First characters of the key's text.</param>
/// <param name="CreatedAt">Time of creation, UTC.</param>
/// <param name="CreatedBy">Name of the user who created the key.</param>
/// <param name="ExpiresAt">Time from which the key is rejected, UTC; null if it does not expire.</param>
/// <param name="RevokedAt">Time of revocation, UTC; null if the key is not revoked.</param>
/// <param name="LastUsedAt">Time of the last recorded use, UTC, accurate to a minute; null if the key was never used.</param>
/// <param name="RequestsPerSecond">Average number of requests per second that each gateway admits with this key; 0 means unlimited.</param>
/// <param name="RequestBurst">
/// Maximum number of requests that each gateway admits in a burst; 0 means one second's worth of <paramref name="RequestsPerSecond"/>, at
/// least 1.
/// </param>
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
