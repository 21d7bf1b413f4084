namespace DeployCard.Grains.Keys;

/// <summary>
/// What is stored of a key; its text is not. The catalog indexes <c>id</c>, <c>hash</c>, <c>deployment</c>, <c>name</c>, <c>prefix</c>,
/// <c>createdAt</c>, <c>createdBy</c>, <c>expiresAt</c>, <c>revokedAt</c>, <c>lastUsedAt</c>, <c>requestsPerSecond</c>, <c>requestBurst</c> and <c>dueAt</c> of its JSON.
/// </summary>
public sealed class KeyState
{
    /// <summary>The id, which is no secret; null before it is created and after it is gone.</summary>
    public string? Id { get; set; }

    /// <summary>The keyed hash of its text, 64 hexadecimal digits.</summary>
    public string Hash { get; set; } = "";

    /// <summary>The deployment that it opens.</summary>
    public string Deployment { get; set; } = "";

    /// <summary>What its maker calls it.</summary>
    public string Name { get; set; } = "";

    /// <summary>The first characters of its text, by which people tell keys apart.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>When it was created, UTC.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Who created it.</summary>
    public string CreatedBy { get; set; } = "";

    /// <summary>From when on it is refused, UTC; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>When it was revoked, UTC.</summary>
    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>When it was last used, UTC; written late, at most once a minute.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>Requests for each second that one gateway lets through on average; 0 for no bound.</summary>
    public double RequestsPerSecond { get; set; }

    /// <summary>Requests that may come at once above that rate; 0 for one second's worth.</summary>
    public int RequestBurst { get; set; }

    /// <summary>When it is removed, UTC.</summary>
    public DateTimeOffset? DueAt { get; set; }
}
