using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Revisions;

namespace DeployCard.Domain.Deployments;

/// <summary>
/// Stored state of a deployment. The catalog indexes <c>name</c>, <c>title</c>, <c>status</c>, <c>image</c>, <c>createdAt</c>,
/// <c>updatedAt</c>, <c>deletedAt</c>, <c>isActive</c> and <c>dueAt</c> of its JSON (see grains/Storage/README.md).
/// </summary>
[GenerateSerializer, Alias("deployment-state")]
public sealed class DeploymentState
{
    /// <summary>Name of the deployment; null before creation and after the purge.</summary>
    [Id(0)]
    public string? Name { get; set; }

    /// <summary>Unique id that distinguishes this deployment from an earlier one with the same name.</summary>
    [Id(1)]
    public Guid Uid { get; set; }

    /// <summary>Title that users can edit.</summary>
    [Id(2)]
    public string Title { get; set; } = "";

    /// <summary>Status at the last write.</summary>
    [Id(3)]
    public DeploymentStatus Status { get; set; }

    /// <summary>Image of the current revision; a copy from <see cref="Revisions"/> for the catalog.</summary>
    [Id(4)]
    public string Image { get; set; } = "";

    /// <summary>Time of creation, UTC.</summary>
    [Id(5)]
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Name of the user who created the deployment.</summary>
    [Id(6)]
    public string CreatedBy { get; set; } = "";

    /// <summary>Time of the last change by a user, UTC.</summary>
    [Id(7)]
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Time of deletion, UTC; null if the deployment is not deleted.</summary>
    [Id(8)]
    public DateTimeOffset? DeletedAt { get; set; }

    /// <summary>Whether a user has stopped the deployment.</summary>
    [Id(9)]
    public bool IsStopped { get; set; }

    /// <summary>Whether the deployment has or wants pods. If its silo stops, such a deployment is woken on another silo.</summary>
    [Id(10)]
    public bool IsActive { get; set; }

    /// <summary>Time when the retention ends and the deployment is purged, UTC; null if the deployment is not deleted.</summary>
    [Id(11)]
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>The latest revisions, oldest first; the last entry is the current revision.</summary>
    [Id(12)]
    public List<Revision> Revisions { get; set; } = [];

    /// <summary>Keys of the deployment, as gateways need them.</summary>
    [Id(13)]
    public List<KeyEntry> Keys { get; set; } = [];

    /// <summary>
    /// Secrets that sign the deployment's callbacks, oldest first. They are kept after deletion for callbacks that are still to be
    /// delivered.
    /// </summary>
    [Id(14)]
    public List<WebhookSecret> WebhookSecrets { get; set; } = [];

    /// <summary>Reason why pods failed last; null after a pod of the current revision has become ready.</summary>
    [Id(15)]
    public DeploymentFailure? Failure { get; set; }

    /// <summary>Version of the last published route; grows with each route.</summary>
    [Id(16)]
    public long RouteVersion { get; set; }

    /// <summary>Whether the deployment was created and is not purged.</summary>
    internal bool Exists => Name is not null;

    /// <summary>Whether the deployment may have pods: it exists, and no user has stopped or deleted it.</summary>
    internal bool CanHavePods => Exists && this is { IsStopped: false, DeletedAt: null };

    /// <summary>
    /// Returns a copy that can be changed without affecting this state. The lists are copied; their elements are immutable.
    /// </summary>
    internal DeploymentState Copy()
    {
        var copy = (DeploymentState)MemberwiseClone();
        (copy.Revisions, copy.Keys, copy.WebhookSecrets) = ([.. Revisions], [.. Keys], [.. WebhookSecrets]);
        return copy;
    }

    /// <summary>The current revision, which is the last entry of <see cref="Revisions"/>.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public Revision Current => Revisions[^1];
}
