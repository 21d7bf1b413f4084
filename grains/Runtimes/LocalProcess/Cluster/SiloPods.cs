using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.LocalProcess.Cluster;

/// <summary>The pods of one silo at a moment.</summary>
/// <param name="Version">Grows with each change of them, for as long as the silo lives.</param>
/// <param name="IsLeaving">Whether the silo takes no more pods and wants to be rid of those that it has.</param>
/// <param name="Pods">All of them, those that have ended a while ago included.</param>
[GenerateSerializer, Alias("silo-pods"), Immutable]
internal sealed record SiloPods(
    [property: Id(0)] long Version,
    [property: Id(1)] bool IsLeaving,
    [property: Id(2)] IReadOnlyList<PodObservation> Pods
);
