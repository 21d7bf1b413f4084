using DeployCard.Contracts.Keys;

namespace DeployCard.GraphQL.Keys;

/// <summary>An API key for one deployment. The secret is returned only once, when the key is created.</summary>
public sealed class Key : INode
{
    internal const string IdType = "Key";

    private readonly KeySummary key;

    internal Key(KeySummary key) => this.key = key;

    /// <summary>Id of the key for <c>revokeKey</c>; not secret.</summary>
    [ID]
    public string Id => GlobalId.Create(IdType, key.Hash);

    /// <summary>Name that the creator gave the key.</summary>
    public string Name => key.Name;

    /// <summary>First 10 characters of the key, which help users distinguish keys.</summary>
    public string Prefix => key.Prefix;

    /// <summary>Time when the key was created.</summary>
    public DateTimeOffset CreatedAt => key.CreatedAt;

    /// <summary>Name of the user who created the key.</summary>
    public string CreatedBy => key.CreatedBy;

    /// <summary>Time from which the key is rejected; null if the key does not expire.</summary>
    public DateTimeOffset? ExpiresAt => key.ExpiresAt;

    /// <summary>Time when the key was revoked; null if it is not revoked.</summary>
    public DateTimeOffset? RevokedAt => key.RevokedAt;

    /// <summary>Time of the last use, accurate to about a minute; null if the key was never used.</summary>
    public DateTimeOffset? LastUsedAt => key.LastUsedAt;

    /// <summary>Maximum average rate in requests per second that one gateway admits with this key; 0 means unlimited.</summary>
    public double RequestsPerSecond => key.RequestsPerSecond;

    /// <summary>Number of requests that may exceed the rate in a burst; 0 means one second's worth of the rate.</summary>
    public int RequestBurst => key.RequestBurst;
}
