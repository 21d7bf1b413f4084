namespace DeployCard.Grains.Deployments;

/// <summary>A deployment to be made.</summary>
/// <param name="Title">What people call it, up to 200 characters; null takes the name.</param>
/// <param name="Image">The image, 1 to 255 characters.</param>
/// <param name="Configuration">What is wanted of the configuration.</param>
[GenerateSerializer, Alias("deployment-draft"), Immutable]
public sealed record DeploymentDraft(
    [property: Id(0)] string? Title,
    [property: Id(1)] string Image,
    [property: Id(2)] ConfigurationSpec Configuration
);

/// <summary>A change of a deployment; null leaves a thing as it is. Another image or configuration makes a new revision.</summary>
/// <param name="Title">What people call it, up to 200 characters.</param>
/// <param name="Image">The image, 1 to 255 characters.</param>
/// <param name="Configuration">What is wanted of the configuration.</param>
/// <param name="ExpectedRevision">The revision that the caller saw; another one in force is told as a conflict. Null for whichever.</param>
[GenerateSerializer, Alias("deployment-change"), Immutable]
public sealed record DeploymentChange(
    [property: Id(0)] string? Title,
    [property: Id(1)] string? Image,
    [property: Id(2)] ConfigurationSpec? Configuration,
    [property: Id(3)] int? ExpectedRevision
);
