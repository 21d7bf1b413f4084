using DeployCard.Contracts.Configuration;

namespace DeployCard.GraphQL.Deployments;

/// <summary>An immutable snapshot of a deployment's image and configuration.</summary>
public sealed class Revision
{
    private readonly Contracts.Revisions.Revision revision;

    internal Revision(Contracts.Revisions.Revision revision) => this.revision = revision;

    /// <summary>Revision number, starting at 1 and increasing with each new revision.</summary>
    public int Number => revision.Number;

    /// <summary>Name of the image.</summary>
    public string Image => revision.Image;

    /// <summary>Configuration of the revision.</summary>
    public DeploymentConfiguration Configuration => revision.Configuration;

    /// <summary>Time when the revision was created.</summary>
    public DateTimeOffset CreatedAt => revision.CreatedAt;

    /// <summary>Name of the user who created the revision.</summary>
    public string CreatedBy => revision.CreatedBy;

    /// <summary>Number of the revision that this rollback restores; null if the revision is not a rollback.</summary>
    public int? RollbackOf => revision.RollbackOf;
}
