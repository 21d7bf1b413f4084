using DeployCard.Contracts.Names;
using DeployCard.Contracts.Storage;

namespace DeployCard.Contracts.Deployments;

/// <summary>Catalog of deployments: indexed storage queries that activate no grain.</summary>
public interface IDeploymentStore
{
    /// <summary>Returns a page of deployments.</summary>
    /// <exception cref="InvalidCursorException">The cursor is not valid for this list and order.</exception>
    Task<Page<DeploymentSummary>> List(
        DeploymentFilter filter,
        DeploymentOrder order,
        PageRequest page,
        CancellationToken cancellationToken
    );

    /// <summary>Returns the number of deployments that match the filter.</summary>
    Task<int> Count(DeploymentFilter filter, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the names of deployments that have or want pods, in alphabetical order, starting after <paramref name="after"/>; null starts
    /// at the beginning.
    /// </summary>
    Task<IReadOnlyList<DeploymentName>> ListActive(DeploymentName? after, int limit, CancellationToken cancellationToken);
}

/// <summary>A deployment as lists show it.</summary>
/// <param name="Name">Name of the deployment.</param>
/// <param name="Title">Title of the deployment.</param>
/// <param name="Status">Status that was stored last.</param>
/// <param name="Image">Image of the current revision.</param>
/// <param name="CreatedAt">Time of creation, UTC.</param>
/// <param name="UpdatedAt">Time of the last change by a user, UTC.</param>
/// <param name="DeletedAt">Time of deletion, UTC; null if the deployment is not deleted.</param>
public sealed record DeploymentSummary(
    DeploymentName Name,
    string Title,
    DeploymentStatus Status,
    string Image,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? DeletedAt
);

/// <summary>Filter for deployments. The conditions are combined; without any, all deployments match except deleted ones.</summary>
/// <param name="Search">Text that the name or the title contains, ignoring case, up to 100 characters; null or empty matches all.</param>
/// <param name="Statuses">Statuses to match. Null or empty matches all except deleted deployments.</param>
/// <param name="Names">Names to match, at most 200; null or empty matches all.</param>
/// <param name="HasAlerts">True matches deployments with a firing alert, false those without one; null matches both.</param>
/// <param name="Labels">Labels that a deployment must have, at most 10; null or empty matches all.</param>
public sealed record DeploymentFilter(
    string? Search = null,
    IReadOnlyList<DeploymentStatus>? Statuses = null,
    IReadOnlyList<string>? Names = null,
    bool? HasAlerts = null,
    IReadOnlyList<LabelFilter>? Labels = null
);

/// <summary>A label that deployments must have.</summary>
/// <param name="Key">Key of the label.</param>
/// <param name="Value">Value of the label; null matches every value.</param>
[GenerateSerializer, Alias("label-filter"), Immutable]
public sealed record LabelFilter([property: Id(0)] string Key, [property: Id(1)] string? Value = null);

/// <summary>Order of a list of deployments.</summary>
public enum DeploymentOrder
{
    /// <summary>By name in ascending order.</summary>
    Name,

    /// <summary>By time of creation, newest first.</summary>
    NewestFirst,
}
