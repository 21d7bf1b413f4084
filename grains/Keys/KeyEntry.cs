namespace DeployCard.Grains.Keys;

/// <summary>What a gateway must know of a key.</summary>
/// <param name="Id">The key's id.</param>
/// <param name="Hash">The keyed hash of its text (HMAC-SHA-256), 64 hexadecimal digits.</param>
/// <param name="ExpiresAt">From when on it is refused, UTC; null for never.</param>
/// <param name="RequestsPerSecond">Requests for each second that one gateway lets through on average; 0 for no bound.</param>
/// <param name="RequestBurst">Requests that may come at once above that rate; 0 for one second's worth.</param>
[GenerateSerializer, Alias("key-entry"), Immutable]
public sealed record KeyEntry(
    [property: Id(0)] string Id,
    [property: Id(1)] string Hash,
    [property: Id(2)] DateTimeOffset? ExpiresAt,
    [property: Id(3)] double RequestsPerSecond = 0,
    [property: Id(4)] int RequestBurst = 0
);
