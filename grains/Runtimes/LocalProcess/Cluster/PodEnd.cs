using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.LocalProcess.Cluster;

/// <summary>What became of a pod that was asked to end.</summary>
/// <param name="IsOver">Whether it has ended and its last line was carried, or there is no such pod; otherwise it needs longer.</param>
/// <param name="Last">The last that is known of it once it is over; null when there is no such pod.</param>
[GenerateSerializer, Alias("pod-end"), Immutable]
internal readonly record struct PodEnd([property: Id(0)] bool IsOver, [property: Id(1)] PodObservation? Last);
