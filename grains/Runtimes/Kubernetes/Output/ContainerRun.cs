using k8s.Models;

namespace DeployCard.Grains.Runtimes.Kubernetes.Output;

/// <summary>Which of its container's runs a pod is at.</summary>
/// <param name="Number">How many there were before it.</param>
/// <param name="HasEnded">Whether it has ended; the next one may follow.</param>
internal readonly record struct ContainerRun(int Number, bool HasEnded)
{
    public static ContainerRun Of(V1Pod pod) =>
        PodReading.Serving(pod) is { } status
            ? new(status.RestartCount, status.State?.Running is null || pod.Status.Phase is "Failed" or "Succeeded")
            : default;
}
