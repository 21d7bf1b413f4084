using System.Net;
using k8s.Models;

namespace DeployCard.Kubernetes.Pods;

/// <summary>Status of the container that serves the model, as the node reported it.</summary>
internal static class ServingContainerStatus
{
    /// <summary>Returns the status of the serving container; null before the node has reported one.</summary>
    public static V1ContainerStatus? Find(V1Pod pod) =>
        pod.Status?.ContainerStatuses?.FirstOrDefault(container => container.Name == ServingContainer.Name);

    /// <summary>Whether the serving container was started at least once, so that it may have a log.</summary>
    public static bool HasEverRun(V1Pod pod) =>
        Find(pod) is { } status
        && (status.State?.Running is not null || status.State?.Terminated is not null || status.LastState?.Terminated is not null);

    /// <summary>Returns an id of the current run of the serving container; null if the container does not run.</summary>
    public static string? GetRunId(V1Pod pod) =>
        Find(pod) is { State.Running: not null } status ? $"{pod.Metadata.Uid}/{status.RestartCount}" : null;

    /// <summary>Returns the address of the container; null before the pod has an IP address.</summary>
    public static Uri? GetAddress(V1Pod pod) =>
        IPAddress.TryParse(pod.Status?.PodIP, out var ip) ? new UriBuilder("http", $"{ip}", ServingContainer.GetPort(pod)).Uri : null;
}
