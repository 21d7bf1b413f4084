using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using k8s.Models;

namespace DeployCard.Kubernetes.Pods;

/// <summary>Readiness check of one run of a starting pod.</summary>
/// <param name="Pod">Name of the pod.</param>
/// <param name="Run">Id of the container run. The result of one run says nothing about the next run.</param>
/// <param name="Url">URL that returns 2xx once the pod is ready.</param>
/// <param name="Protocol">
/// Protocol of the pod. With <see cref="PodProtocol.H2c"/> the pod is ready once it accepts a connection, as for the probe of its node.
/// </param>
internal sealed record ReadinessCheck(PodName Pod, string Run, Uri Url, PodProtocol Protocol)
{
    /// <summary>Returns the readiness check of a pod; null if its container does not run or has no address yet.</summary>
    public static ReadinessCheck? From(V1Pod pod) =>
        ServingContainerStatus.GetRunId(pod) is { } run && ServingContainerStatus.GetAddress(pod) is { } address
            ? new(
                new(pod.Metadata.Name),
                run,
                new(address.GetLeftPart(UriPartial.Authority) + ServingContainer.GetReadinessPath(pod)),
                ServingContainer.GetProtocol(pod)
            )
            : null;
}
