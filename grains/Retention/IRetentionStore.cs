namespace DeployCard.Grains.Retention;

/// <summary>What is due, from an index over the <c>dueAt</c> of everything that is stored.</summary>
public interface IRetentionStore
{
    /// <summary>What was due at <paramref name="now"/>, longest due first, behind <paramref name="after"/>.</summary>
    Task<IReadOnlyList<DueItem>> ListDue(DateTimeOffset now, DueItem? after, int limit, CancellationToken cancellationToken);
}

/// <summary>Something that wants to be looked at.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Key">The key of its grain: a deployment's name, a key's hash, a call's id.</param>
/// <param name="DueAt">Since when, UTC.</param>
public sealed record DueItem(DueKind Kind, string Key, DateTimeOffset DueAt);

/// <summary>What can be due.</summary>
public enum DueKind
{
    /// <summary>A deleted deployment.</summary>
    Deployment,

    /// <summary>An expired or revoked key.</summary>
    Key,

    /// <summary>A call whose life or whose result's retention has ended, or whose end is to be told.</summary>
    AsyncCall,
}
