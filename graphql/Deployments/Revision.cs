namespace DeployCard.GraphQL.Deployments;

/// <summary>One immutable snapshot of image and configuration.</summary>
public sealed class Revision
{
    private readonly Grains.Revisions.Revision revision;

    internal Revision(Grains.Revisions.Revision revision) => this.revision = revision;

    /// <summary>1, 2, 3 … in the order of their making.</summary>
    public int Number => revision.Number;

    /// <summary>The image.</summary>
    public string Image => revision.Image;

    /// <summary>The configuration.</summary>
    public Configuration Configuration => new(revision.Configuration);

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt => revision.CreatedAt;

    /// <summary>Who made it.</summary>
    public string CreatedBy => revision.CreatedBy;

    /// <summary>The revision that it repeats, where it is a rollback.</summary>
    public int? RollbackOf => revision.RollbackOf;
}
