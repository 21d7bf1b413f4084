using DeployCard.Grains.Callbacks;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Revisions;

namespace DeployCard.Grains.Deployments;

/// <summary>
/// What is stored of a deployment. The catalog indexes <c>name</c>, <c>title</c>, <c>status</c>, <c>image</c>, <c>createdAt</c>,
/// <c>updatedAt</c>, <c>deletedAt</c>, <c>isActive</c> and <c>dueAt</c> of its JSON (see Storage/README.md).
/// </summary>
[GenerateSerializer, Alias("deployment-state")]
public sealed class DeploymentState
{
    /// <summary>The name; null before it is created and after it is gone.</summary>
    [Id(0)]
    public string? Name { get; set; }

    /// <summary>Tells this deployment from an earlier one of the same name.</summary>
    [Id(1)]
    public Guid Uid { get; set; }

    /// <summary>The editable title.</summary>
    [Id(2)]
    public string Title { get; set; } = "";

    /// <summary>The last known status.</summary>
    [Id(3)]
    public DeploymentStatus Status { get; set; }

    /// <summary>The image of the present revision, beside <see cref="Revisions"/> for the catalog.</summary>
    [Id(4)]
    public string Image { get; set; } = "";

    /// <summary>When it was created, UTC.</summary>
    [Id(5)]
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Who created it.</summary>
    [Id(6)]
    public string CreatedBy { get; set; } = "";

    /// <summary>When a person last changed it, UTC.</summary>
    [Id(7)]
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>When it was deleted, UTC.</summary>
    [Id(8)]
    public DateTimeOffset? DeletedAt { get; set; }

    /// <summary>Whether a person stopped it.</summary>
    [Id(9)]
    public bool IsStopped { get; set; }

    /// <summary>Whether it has or wants pods, so that it must be woken when the silo that held it is gone.</summary>
    [Id(10)]
    public bool IsActive { get; set; }

    /// <summary>When its retention ends, UTC.</summary>
    [Id(11)]
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>The latest revisions, oldest first; the last one is the present one.</summary>
    [Id(12)]
    public List<Revision> Revisions { get; set; } = [];

    /// <summary>Its keys, as a gateway needs them.</summary>
    [Id(13)]
    public List<KeyEntry> Keys { get; set; } = [];

    /// <summary>
    /// The secrets that its callbacks are signed with, oldest first; they stay when it is deleted, for calls whose end is still to be told.
    /// </summary>
    [Id(14)]
    public List<WebhookSecret> WebhookSecrets { get; set; } = [];

    /// <summary>Why pods failed last; null since one has become ready.</summary>
    [Id(15)]
    public DeploymentFailure? Failure { get; set; }

    /// <summary>Grows with each route that is published.</summary>
    [Id(16)]
    public long RouteVersion { get; set; }

    /// <summary>Of the same content, to be changed without a trace in this one: all that its lists hold is immutable.</summary>
    internal DeploymentState Copy()
    {
        var copy = (DeploymentState)MemberwiseClone();
        (copy.Revisions, copy.Keys, copy.WebhookSecrets) = ([.. Revisions], [.. Keys], [.. WebhookSecrets]);
        return copy;
    }

    /// <summary>The present revision.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public Revision Current => Revisions[^1];
}
