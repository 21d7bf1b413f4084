using DeployCard.Kubernetes.Pods;
using k8s.Models;

namespace DeployCard.Kubernetes.Output;

/// <summary>Current or last run of the serving container of a pod.</summary>
/// <param name="RestartCount">Number of earlier runs.</param>
/// <param name="HasEnded">Whether the run has ended; another one may follow.</param>
internal readonly record struct ContainerRun(int RestartCount, bool HasEnded)
{
    /// <summary>Returns the run that the status of a pod shows.</summary>
    public static ContainerRun FromPod(V1Pod pod) =>
        ServingContainerStatus.Find(pod) is { } status
            ? new(status.RestartCount, status.State?.Running is null || pod.Status.Phase is "Failed" or "Succeeded")
            : default;
}
