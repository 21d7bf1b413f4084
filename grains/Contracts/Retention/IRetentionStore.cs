namespace DeployCard.Contracts.Retention;

/// <summary>Reads due items from the indexes over <c>dueAt</c> of deployments, keys and calls.</summary>
public interface IRetentionStore
{
    /// <summary>
    /// Returns up to <paramref name="limit"/> items that are due at <paramref name="now"/>, oldest due time first, after
    /// <paramref name="after"/>; if that is null, from the beginning.
    /// </summary>
    Task<IReadOnlyList<DueItem>> ListDue(DateTimeOffset now, DueItem? after, int limit, CancellationToken cancellationToken);
}

/// <summary>A stored item that is due to expire.</summary>
/// <param name="Kind">Kind of the due item.</param>
/// <param name="Key">Key of the item's grain: the name of a deployment, the hash of a key or the id of a call.</param>
/// <param name="DueAt">Time since which the item is due, UTC.</param>
public sealed record DueItem(DueKind Kind, string Key, DateTimeOffset DueAt);

/// <summary>Kinds of items that can be due.</summary>
public enum DueKind
{
    /// <summary>A deleted deployment whose retention has ended.</summary>
    Deployment,

    /// <summary>An expired or revoked key whose retention has ended.</summary>
    Key,

    /// <summary>A call whose lifetime or result retention has ended, or whose callback is due.</summary>
    AsyncCall,
}
