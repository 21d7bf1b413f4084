using DeployCard.Contracts.Pods;
using k8s.Models;

namespace DeployCard.Kubernetes.Pods;

/// <summary>Translates Kubernetes pods into observations.</summary>
internal static class PodStatusMapper
{
    private static readonly string[] ImageReasons =
    [
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "ErrImageNeverPull",
        "ImageInspectError",
        "RegistryUnavailable",
        "SignatureValidationFailed",
    ];

    private static readonly string[] RunReasons =
    [
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "PostStartHookError",
    ];

    /// <summary>Returns the observation of a pod.</summary>
    /// <param name="pod">The pod as Kubernetes reported it; it must have the labels of DeployCard.</param>
    /// <param name="before">The previous observation of the pod; null for a new pod.</param>
    public static PodObservation ToObservation(V1Pod pod, PodObservation? before = null)
    {
        var status = ServingContainerStatus.Find(pod);
        var ended = status?.State?.Terminated ?? status?.LastState?.Terminated;
        var seen = new PodObservation
        {
            Name = new(pod.Metadata.Name),
            Deployment = PodLabels.GetDeployment(pod),
            Revision = PodLabels.GetRevision(pod),
            Phase = PodPhase.Starting,
            CreatedAt = KubernetesTime.ToUtc(pod.Metadata.CreationTimestamp) ?? before?.CreatedAt ?? default,
            Restarts = status?.RestartCount ?? 0,
            ReadyAt = before?.ReadyAt,
            ExitCode = ended?.ExitCode,
            LastLines = [.. ContainerEnd.GetLastLines(ended)],
        };
        return Classify(pod, seen, status, ended);
    }

    /// <summary>Returns the final observation of a pod that was removed.</summary>
    public static PodObservation ToRemoved(PodObservation last) =>
        last with
        {
            Phase = PodPhase.Ended,
            Address = null,
            NextStartAt = null,
            Reason = last.Reason ?? PodReasons.Stopped,
            Message = last.Message ?? "The pod was stopped.",
        };

    /// <summary>Returns the observation of a pod that passed its readiness check.</summary>
    /// <param name="pod">The pod as Kubernetes reported it.</param>
    /// <param name="observation">The observation derived from <paramref name="pod"/>.</param>
    /// <param name="at">The time of the check.</param>
    public static PodObservation ToReady(V1Pod pod, PodObservation observation, DateTimeOffset at) =>
        observation with
        {
            Phase = PodPhase.Ready,
            Address = ServingContainerStatus.GetAddress(pod),
            Protocol = ServingContainer.GetProtocol(pod),
            ReadyAt = at,
            Reason = null,
            Message = null,
        };

    private static PodObservation Classify(V1Pod pod, PodObservation seen, V1ContainerStatus? status, V1ContainerStateTerminated? ended)
    {
        // Set if DeployCard did not stop the pod: its node is drained, lost or short of resources, or a pod of higher priority preempts it.
        var disrupted = Condition(pod, "DisruptionTarget") is { Status: "True" } disruption ? disruption : null;
        if (pod.Metadata.DeletionTimestamp is not null)
            return seen with
            {
                Phase = PodPhase.Draining,
                Reason = disrupted?.Reason,
                Message = disrupted is null ? null : $"Kubernetes removes the pod: {disrupted.Message}",
            };
        // The pod never runs again and only its object remains. The grain deletes the object, as that of any draining pod.
        if (pod.Status?.Phase is "Failed" or "Succeeded")
            return seen with
            {
                Phase = PodPhase.Draining,
                Reason = pod.Status.Reason ?? disrupted?.Reason ?? PodReasons.Exited,
                Message = pod.Status.Message ?? disrupted?.Message ?? ContainerEnd.Describe(ended),
            };
        if (
            Condition(pod, "Ready") is { } ready
            && (ready.Status is "True" || IsContainerReady(status))
            && ServingContainerStatus.GetAddress(pod) is { } address
        )
            return seen with
            {
                Phase = PodPhase.Ready,
                Address = address,
                Protocol = ServingContainer.GetProtocol(pod),
                ReadyAt = ReadyAt(ready) ?? seen.ReadyAt ?? seen.CreatedAt,
            };
        if (Condition(pod, "PodScheduled") is { Status: "False", Reason: "Unschedulable" } waiting)
            // Not a failure: an autoscaler may add a node, or another pod may end.
            return seen with { Reason = PodReasons.Unschedulable, Message = $"No node can run the pod: {waiting.Message}" };
        if (status?.State?.Waiting is { Reason: { } reason } wait)
            return Waiting(pod, seen, wait, reason, ended);
        if (status?.State?.Terminated is not null)
            return Ended(pod, seen, ContainerEnd.GetReason(pod, ended!, seen.ReadyAt), ended);
        if (
            status is { State.Running: not null, Started: not true, LastState.Terminated: { } last }
            && ContainerEnd.WasTooSlow(pod, last, seen.ReadyAt)
        )
            // Kubernetes restarts such a container immediately, so its state never shows the failure.
            return seen with { Reason = PodReasons.StartupTimeout, Message = ContainerEnd.DescribeStartupTimeout(pod) };
        return seen.ReadyAt is not null && seen.Restarts == 0 && status?.State?.Running is not null
            ? seen with
            {
                Reason = PodReasons.Unready,
                Message = "The pod no longer passes its readiness probe.",
            }
            : seen;
    }

    /// <summary>
    /// Whether the container is ready although the pod is not. If a node stops reporting, Kubernetes revokes the readiness of its pods, but
    /// not that of their containers. After an outage of the API server this happens to all nodes at the same time, while their pods keep
    /// serving. Kubernetes soon deletes the pods of a node that is really lost.
    /// </summary>
    private static bool IsContainerReady(V1ContainerStatus? status) => status is { Ready: true, State.Running: not null };

    private static DateTimeOffset? ReadyAt(V1PodCondition ready) =>
        ready.Status is "True" ? KubernetesTime.ToUtc(ready.LastTransitionTime) : null;

    private static PodObservation Waiting(
        V1Pod pod,
        PodObservation seen,
        V1ContainerStateWaiting wait,
        string reason,
        V1ContainerStateTerminated? ended
    )
    {
        if (ImageReasons.Contains(reason, StringComparer.Ordinal))
            return Failed(seen, PodReasons.ImagePullBackOff, $"The image cannot be pulled: {wait.Message ?? reason}");
        if (RunReasons.Contains(reason, StringComparer.Ordinal))
            return Failed(seen, PodReasons.ImageUnavailable, $"The container cannot be created: {wait.Message ?? reason}");
        if (reason is not "CrashLoopBackOff")
            return seen;
        // A specific reason is more useful than CrashLoopBackOff, because the restart count already shows the loop.
        var why = ended is null ? reason : ContainerEnd.GetReason(pod, ended, seen.ReadyAt);
        return Ended(pod, seen, why is PodReasons.Exited ? PodReasons.CrashLoopBackOff : why, ended) with
        {
            NextStartAt = ContainerEnd.GetNextStart(wait, ended),
        };
    }

    private static PodObservation Failed(PodObservation seen, string reason, string message) =>
        seen with
        {
            Phase = PodPhase.Failed,
            Reason = reason,
            Message = message,
        };

    private static PodObservation Ended(V1Pod pod, PodObservation seen, string reason, V1ContainerStateTerminated? ended) =>
        Failed(seen, reason, ContainerEnd.GetMessage(pod, reason, ended));

    private static V1PodCondition? Condition(V1Pod pod, string type) =>
        pod.Status?.Conditions?.FirstOrDefault(condition => condition.Type == type);
}
