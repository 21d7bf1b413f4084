namespace DeployCard.Domain.Keys;

/// <summary>
/// Stored state of a key, without its text. The catalog indexes <c>id</c>, <c>hash</c>, <c>deployment</c>, <c>name</c>, <c>prefix</c>,
/// <c>createdAt</c>, <c>createdBy</c>, <c>expiresAt</c>, <c>revokedAt</c>, <c>lastUsedAt</c>, <c>requestsPerSecond</c>, <c>requestBurst</c>
/// and <c>dueAt</c> of its JSON.
/// </summary>
[GenerateSerializer, Alias("key-state")]
public sealed class KeyState
{
    /// <summary>Public id of the key; null before creation and after removal.</summary>
    [Id(0)]
    public string? Id { get; set; }

    /// <summary>Keyed hash of the key's text, 64 hexadecimal digits.</summary>
    [Id(1)]
    public string Hash { get; set; } = "";

    /// <summary>Name of the deployment that the key gives access to.</summary>
    [Id(2)]
    public string Deployment { get; set; } = "";

    /// <summary>Name of the key that users see.</summary>
    [Id(3)]
    public string Name { get; set; } = "";

    /// <summary>First characters of the key's text, by which users recognize the key.</summary>
    [Id(4)]
    public string Prefix { get; set; } = "";

    /// <summary>Time of creation, UTC.</summary>
    [Id(5)]
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Name of the user who created the key.</summary>
    [Id(6)]
    public string CreatedBy { get; set; } = "";

    /// <summary>Time from which the key is rejected, UTC; null if it does not expire.</summary>
    [Id(7)]
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>Time of revocation, UTC; null if the key is not revoked.</summary>
    [Id(8)]
    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>Time of the last recorded use, UTC; updated at most once a minute. Null if the key was never used.</summary>
    [Id(9)]
    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>Average number of requests per second that each gateway admits with this key; 0 means unlimited.</summary>
    [Id(10)]
    public double RequestsPerSecond { get; set; }

    /// <summary>
    /// Maximum number of requests that each gateway admits in a burst; 0 means one second's worth of <see cref="RequestsPerSecond"/>, at
    /// least 1.
    /// </summary>
    [Id(11)]
    public int RequestBurst { get; set; }

    /// <summary>Time when the key is removed, UTC; null if it neither expires nor is revoked.</summary>
    [Id(12)]
    public DateTimeOffset? DueAt { get; set; }
}
