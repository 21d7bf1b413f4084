using DeployCard.Contracts.Configuration;

namespace DeployCard.Contracts.Revisions;

/// <summary>An immutable snapshot of the image and configuration of a deployment.</summary>
/// <param name="Number">Number of the revision: 1, 2, 3 … in the order of creation.</param>
/// <param name="Image">Name of the image.</param>
/// <param name="Configuration">Configuration of the revision.</param>
/// <param name="CreatedAt">Time of creation, UTC.</param>
/// <param name="CreatedBy">Name of the user who created the revision.</param>
/// <param name="RollbackOf">Number of the earlier revision that this one restores; null if it is not a rollback.</param>
[GenerateSerializer, Alias("revision"), Immutable]
public sealed record Revision(
    [property: Id(0)] int Number,
    [property: Id(1)] string Image,
    [property: Id(2)] DeploymentConfiguration Configuration,
    [property: Id(3)] DateTimeOffset CreatedAt,
    [property: Id(4)] string CreatedBy,
    [property: Id(5)] int? RollbackOf = null
);
