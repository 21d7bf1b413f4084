using DeployCard.Grains.Keys;
using DeployCard.GraphQL.Nodes;

namespace DeployCard.GraphQL.Keys;

/// <summary>A key that opens a deployment. Its secret is shown once, when it is created.</summary>
public sealed class Key : INode
{
    internal const string IdType = "Key";

    private readonly KeySummary key;

    internal Key(KeySummary key) => this.key = key;

    /// <summary>Its id, which is no secret; <c>revokeKey</c> takes it.</summary>
    [ID]
    public string Id => GlobalId.Of(IdType, key.Hash);

    /// <summary>What its maker calls it.</summary>
    public string Name => key.Name;

    /// <summary>The first characters of its text, by which people tell keys apart.</summary>
    public string Prefix => key.Prefix;

    /// <summary>When it was created.</summary>
    public DateTimeOffset CreatedAt => key.CreatedAt;

    /// <summary>Who created it.</summary>
    public string CreatedBy => key.CreatedBy;

    /// <summary>From when on it is refused; null for never.</summary>
    public DateTimeOffset? ExpiresAt => key.ExpiresAt;

    /// <summary>When it was revoked.</summary>
    public DateTimeOffset? RevokedAt => key.RevokedAt;

    /// <summary>When it was last used, to the minute.</summary>
    public DateTimeOffset? LastUsedAt => key.LastUsedAt;

    /// <summary>Requests for each second that one gateway lets through on average; 0 for no bound.</summary>
    public double RequestsPerSecond => key.RequestsPerSecond;

    /// <summary>Requests that may come at once above that rate; 0 for one second's worth.</summary>
    public int RequestBurst => key.RequestBurst;
}
