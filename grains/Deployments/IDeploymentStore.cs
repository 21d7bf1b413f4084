using DeployCard.Grains.Storage;

namespace DeployCard.Grains.Deployments;

/// <summary>The catalog of deployments: indexed queries on storage that wake no grain.</summary>
public interface IDeploymentStore
{
    /// <summary>A page of deployments.</summary>
    /// <exception cref="InvalidCursorException">The cursor is none of this list and order.</exception>
    Task<Page<DeploymentSummary>> List(
        DeploymentFilter filter,
        DeploymentOrder order,
        PageRequest page,
        CancellationToken cancellationToken
    );

    /// <summary>How many there are.</summary>
    Task<int> Count(DeploymentFilter filter, CancellationToken cancellationToken);

    /// <summary>Names of deployments that have or want pods, in the order of the names, behind <paramref name="after"/>.</summary>
    Task<IReadOnlyList<DeploymentName>> ListActive(DeploymentName? after, int limit, CancellationToken cancellationToken);
}

/// <summary>A deployment as lists show it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Title">Its title.</param>
/// <param name="Status">Its last stored status.</param>
/// <param name="Image">The image of its present revision.</param>
/// <param name="CreatedAt">When it was created, UTC.</param>
/// <param name="UpdatedAt">When a person last changed it, UTC.</param>
/// <param name="DeletedAt">When it was deleted, UTC.</param>
public sealed record DeploymentSummary(
    DeploymentName Name,
    string Title,
    DeploymentStatus Status,
    string Image,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? DeletedAt
);

/// <summary>Which deployments; all of them where nothing is said.</summary>
/// <param name="Search">A part of the name or the title, without regard to case, up to 100 characters.</param>
/// <param name="Statuses">Any of these; deleted ones only where they are named here.</param>
/// <param name="Names">Any of these, at most 200.</param>
/// <param name="HasAlerts">Those of which an alert fires, or those of which none does.</param>
public sealed record DeploymentFilter(
    string? Search = null,
    IReadOnlyList<DeploymentStatus>? Statuses = null,
    IReadOnlyList<string>? Names = null,
    bool? HasAlerts = null
);

/// <summary>The order of a list of deployments.</summary>
public enum DeploymentOrder
{
    /// <summary>By name, a to z.</summary>
    Name,

    /// <summary>By creation, newest first.</summary>
    NewestFirst,
}
