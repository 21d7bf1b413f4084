using DeployCard.Grains.Deployments;
using DeployCard.Grains.Results;
using Orleans.Concurrency;

namespace DeployCard.Grains.Keys;

/// <summary>One key, by the keyed hash of its text. The text itself reaches no grain.</summary>
[Alias("key")]
public interface IKeyGrain : IGrainWithStringKey
{
    /// <summary>Makes the key and lets it open its deployment; every gateway knows it when this returns.</summary>
    Task<Outcome<KeySummary>> Create(KeyDraft draft, string actor, CancellationToken cancellationToken);

    /// <summary>The key; null where there is none.</summary>
    Task<KeySummary?> Get();

    /// <summary>Revokes the key; every gateway refuses it when this returns. Revoking it again changes nothing.</summary>
    Task<Outcome<KeySummary>> Revoke(string actor, CancellationToken cancellationToken);

    /// <summary>Notes that it was used.</summary>
    Task Used(DateTimeOffset at);

    /// <summary>Goes for good when its time is over; else does nothing.</summary>
    Task ExpireIfDue(CancellationToken cancellationToken);

    /// <summary>Goes for good at once, as its deployment does; also while it waits for an answer of that deployment.</summary>
    [AlwaysInterleave]
    Task Remove(CancellationToken cancellationToken);
}

/// <summary>A key to be made.</summary>
/// <param name="Deployment">The deployment that it opens.</param>
/// <param name="Name">What its maker calls it, 1 to 100 characters.</param>
/// <param name="Prefix">The first characters of its text.</param>
/// <param name="ExpiresAt">From when on it is refused, UTC, in the future; null for never.</param>
/// <param name="RequestsPerSecond">Requests for each second that one gateway lets through on average, 0.01 to 1,000,000; 0 for no bound.</param>
/// <param name="RequestBurst">Requests that may come at once above that rate, 1 to 1,000,000; 0 for one second's worth.</param>
[GenerateSerializer, Alias("key-draft"), Immutable]
public sealed record KeyDraft(
    [property: Id(0)] DeploymentName Deployment,
    [property: Id(1)] string Name,
    [property: Id(2)] string Prefix,
    [property: Id(3)] DateTimeOffset? ExpiresAt,
    [property: Id(4)] double RequestsPerSecond = 0,
    [property: Id(5)] int RequestBurst = 0
);
