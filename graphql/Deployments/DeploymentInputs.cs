using System.ComponentModel.DataAnnotations;
using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Deployments;

namespace DeployCard.GraphQL.Deployments;

/// <summary>Input for a new deployment.</summary>
/// <param name="Name">Unique name: a DNS label of at most 63 characters.</param>
/// <param name="Image">Name of the image; <c>images</c> lists the available ones.</param>
/// <param name="Title">Display name, at most 200 characters; null uses the name.</param>
/// <param name="Configuration">Configuration values; null or omitted values take the default of the image, or else the general
/// default.</param>
public sealed record CreateDeploymentInput(string Name, string Image, string? Title = null, ConfigurationInput? Configuration = null);

/// <summary>
/// Input for changing a deployment; omitted values stay unchanged. A different image or configuration creates a new revision.
/// </summary>
/// <param name="Name">Name of the deployment.</param>
/// <param name="Title">Display name, at most 200 characters; null leaves it unchanged.</param>
/// <param name="Image">Name of the image; null leaves it unchanged.</param>
/// <param name="Configuration">Configuration values to change; null leaves all unchanged.</param>
/// <param name="ExpectedRevision">Number of the revision that the caller last read; the update fails with <c>VERSION_CONFLICT</c> if
/// another revision is current. Null skips the check.</param>
public sealed record UpdateDeploymentInput(
    string Name,
    string? Title = null,
    string? Image = null,
    ConfigurationInput? Configuration = null,
    int? ExpectedRevision = null
);

/// <summary>
/// Filter for deployments. All given conditions must match; omitted conditions match every deployment that is not deleted.
/// </summary>
/// <param name="Search">Text that the name or the title must contain, case-insensitive, at most 100 characters; null matches all.</param>
/// <param name="Statuses">Statuses to include; null or empty includes all except <c>DELETED</c>.</param>
/// <param name="HasAlerts">Whether to list only deployments with firing alerts (true) or only those without (false); null lists
/// both.</param>
/// <param name="Labels">Labels that the deployment must have, at most 10; null or empty matches all.</param>
public sealed record DeploymentFilterInput(
    [property: StringLength(100)] string? Search = null,
    IReadOnlyList<DeploymentStatus>? Statuses = null,
    bool? HasAlerts = null,
    [property: MaxLength(10)] IReadOnlyList<LabelFilter>? Labels = null
);
