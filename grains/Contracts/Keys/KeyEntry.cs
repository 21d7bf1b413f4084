namespace DeployCard.Contracts.Keys;

/// <summary>A key as gateways need it to check requests.</summary>
/// <param name="Id">Public id of the key.</param>
/// <param name="Hash">Keyed hash of the key's text (HMAC-SHA-256), 64 hexadecimal digits.</param>
/// <param name="ExpiresAt">Time from which the key is rejected, UTC; null if it does not expire.</param>
/// <param name="RequestsPerSecond">Average number of requests per second that each gateway admits with this key; 0 means unlimited.</param>
/// <param name="RequestBurst">
/// Maximum number of requests that each gateway admits in a burst; 0 means one second's worth of <paramref name="RequestsPerSecond"/>, at
/// least 1.
/// </param>
[GenerateSerializer, Alias("key-entry"), Immutable]
public sealed record KeyEntry(
    [property: Id(0)] string Id,
    [property: Id(1)] string Hash,
    [property: Id(2)] DateTimeOffset? ExpiresAt,
    [property: Id(3)] double RequestsPerSecond = 0,
    [property: Id(4)] int RequestBurst = 0
);
