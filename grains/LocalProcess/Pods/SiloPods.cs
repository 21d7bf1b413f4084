using DeployCard.Contracts.Pods;

namespace DeployCard.LocalProcess.Pods;

/// <summary>Report of all pods of one silo.</summary>
/// <param name="Version">Version of the report, starting at 1; each change increases it for the lifetime of the silo.</param>
/// <param name="IsDraining">
/// Whether the silo is draining: it rejects new pods, and its existing pods should be replaced on other silos.
/// </param>
/// <param name="Pods">All pods of the silo, including those that ended recently.</param>
[GenerateSerializer, Alias("silo-pods"), Immutable]
internal sealed record SiloPods(
    [property: Id(0)] long Version,
    [property: Id(1)] bool IsDraining,
    [property: Id(2)] IReadOnlyList<PodObservation> Pods
);
