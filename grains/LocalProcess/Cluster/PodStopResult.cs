using DeployCard.Contracts.Pods;

namespace DeployCard.LocalProcess.Cluster;

/// <summary>Result of a request to stop a pod.</summary>
/// <param name="HasEnded">
/// Whether the pod has ended and its last line has been forwarded, or there is no such pod; false if the pod needs more time.
/// </param>
/// <param name="FinalObservation">Final observation of the pod; null if the pod has not ended or there is no such pod.</param>
[GenerateSerializer, Alias("pod-end"), Immutable]
internal readonly record struct PodStopResult([property: Id(0)] bool HasEnded, [property: Id(1)] PodObservation? FinalObservation);
