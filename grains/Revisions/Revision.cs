using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.Revisions;

/// <summary>One immutable snapshot of image and configuration.</summary>
/// <param name="Number">1, 2, 3 … in the order of their making.</param>
/// <param name="Image">The image.</param>
/// <param name="Configuration">The configuration.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="RollbackOf">The revision that it repeats, where it is a rollback.</param>
[GenerateSerializer, Alias("revision"), Immutable]
public sealed record Revision(
    [property: Id(0)] int Number,
    [property: Id(1)] string Image,
    [property: Id(2)] DeploymentConfiguration Configuration,
    [property: Id(3)] DateTimeOffset CreatedAt,
    [property: Id(4)] string CreatedBy,
    [property: Id(5)] int? RollbackOf = null
);
