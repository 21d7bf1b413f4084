using DeployCard.Contracts.Names;
using DeployCard.Contracts.Results;
using Orleans.Concurrency;

namespace DeployCard.Contracts.Keys;

/// <summary>One key; the grain's key is the keyed hash of the key's text. The text itself never reaches a grain.</summary>
[Alias("key")]
public interface IKeyGrain : IGrainWithStringKey
{
    /// <summary>
    /// Creates the key and adds it to its deployment. Every gateway that responds in time accepts the key when this method returns.
    /// </summary>
    Task<Outcome<KeySummary>> Create(KeyDraft draft, string actor, CancellationToken cancellationToken);

    /// <summary>Returns the key; null if there is no such key.</summary>
    Task<KeySummary?> Get();

    /// <summary>
    /// Revokes the key. Every gateway that responds in time rejects the key when this method returns. Revoking a revoked key changes
    /// nothing.
    /// </summary>
    Task<Outcome<KeySummary>> Revoke(string actor, CancellationToken cancellationToken);

    /// <summary>Records the time of a use, at most once a minute.</summary>
    Task RecordUse(DateTimeOffset at);

    /// <summary>Removes the key if its retention has ended; otherwise does nothing.</summary>
    Task ExpireIfDue(CancellationToken cancellationToken);

    /// <summary>
    /// Removes the key immediately because its deployment is deleted. The call interleaves, because this grain may be waiting for that
    /// deployment.
    /// </summary>
    [AlwaysInterleave]
    Task Remove(CancellationToken cancellationToken);
}

/// <summary>Values for a new key.</summary>
/// <param name="Deployment">Deployment that the key gives access to.</param>
/// <param name="Name">Name that users see, 1 to 100 characters.</param>
/// <param name="Prefix">First characters of the key's text.</param>
/// <param name="ExpiresAt">Time from which the key is rejected, UTC, in the future; null if it does not expire.</param>
/// <param name="RequestsPerSecond">
/// Average number of requests per second that each gateway admits with this key, 0.01 to 1,000,000; 0 means unlimited.
/// </param>
/// <param name="RequestBurst">
/// Maximum number of requests that each gateway admits in a burst, 1 to 1,000,000; 0 means one second's worth of
/// <paramref name="RequestsPerSecond"/>, at least 1.
/// </param>
[GenerateSerializer, Alias("key-draft"), Immutable]
public sealed record KeyDraft(
    [property: Id(0)] DeploymentName Deployment,
    [property: Id(1)] string Name,
    [property: Id(2)] string Prefix,
    [property: Id(3)] DateTimeOffset? ExpiresAt,
    [property: Id(4)] double RequestsPerSecond = 0,
    [property: Id(5)] int RequestBurst = 0
);
