using DeployCard.Contracts.Configuration;

namespace DeployCard.Contracts.Deployments;

/// <summary>Values for a new deployment.</summary>
/// <param name="Title">Title that users see, up to 200 characters; null or blank uses the name.</param>
/// <param name="Image">Name of the image, 1 to 255 characters.</param>
/// <param name="Configuration">Configuration that the user wants.</param>
[GenerateSerializer, Alias("deployment-draft"), Immutable]
public sealed record DeploymentDraft(
    [property: Id(0)] string? Title,
    [property: Id(1)] string Image,
    [property: Id(2)] ConfigurationInput Configuration
);

/// <summary>Changes to a deployment; null keeps a value. A different image or configuration creates a new revision.</summary>
/// <param name="Title">New title, up to 200 characters; null or blank keeps the title.</param>
/// <param name="Image">Name of the new image, 1 to 255 characters; null keeps the image.</param>
/// <param name="Configuration">Configuration values to change; null keeps the configuration.</param>
/// <param name="ExpectedRevision">
/// Revision that the caller has read; the change is rejected as a conflict if another revision is current. Null accepts any revision.
/// </param>
[GenerateSerializer, Alias("deployment-change"), Immutable]
public sealed record DeploymentChange(
    [property: Id(0)] string? Title,
    [property: Id(1)] string? Image,
    [property: Id(2)] ConfigurationInput? Configuration,
    [property: Id(3)] int? ExpectedRevision
);
