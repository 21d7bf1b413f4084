namespace DeployCard.Grains.Keys;

/// <summary>
/// What is stored of a key; its text is not. The catalog indexes <c>id</c>, <c>hash</c>, <c>deployment</c>, <c>name</c>, <c>prefix</c>,
/// <c>createdAt</c>, <c>createdBy</c>, <c>expiresAt</c>, <c>revokedAt</c>, <c>lastUsedAt</c>, <c>requestsPerSecond</c>, <c>requestBurst</c> and <c>dueAt</c> of its JSON.
/// </summary>
[GenerateSerializer, Alias("key-state")]
public sealed class KeyState
{
    /// <summary>The id, which is no secret; null before it is created and after it is gone.</summary>
    [Id(0)]
    public string? Id { get; set; }

    /// <summary>The keyed hash of its text, 64 hexadecimal digits.</summary>
    [Id(1)]
    public string Hash { get; set; } = "";

    /// <summary>The deployment that it opens.</summary>
    [Id(2)]
    public string Deployment { get; set; } = "";

    /// <summary>What its maker calls it.</summary>
    [Id(3)]
    public string Name { get; set; } = "";

    /// <summary>The first characters of its text, by which people tell keys apart.</summary>
    [Id(4)]
    public string Prefix { get; set; } = "";

    /// <summary>When it was created, UTC.</summary>
    [Id(5)]
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Who created it.</summary>
    [Id(6)]
    public string CreatedBy { get; set; } = "";

    /// <summary>From when on it is refused, UTC; null for never.</summary>
    [Id(7)]
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>When it was revoked, UTC.</summary>
    [Id(8)]
    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>When it was last used, UTC; written late, at most once a minute.</summary>
    [Id(9)]
    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>Requests for each second that one gateway lets through on average; 0 for no bound.</summary>
    [Id(10)]
    public double RequestsPerSecond { get; set; }

    /// <summary>Requests that may come at once above that rate; 0 for one second's worth.</summary>
    [Id(11)]
    public int RequestBurst { get; set; }

    /// <summary>When it is removed, UTC.</summary>
    [Id(12)]
    public DateTimeOffset? DueAt { get; set; }
}
