using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using DeployCard.Contracts.Pods;
using k8s.Models;

namespace DeployCard.Kubernetes.Pods;

/// <summary>Translates Kubernetes pods into observations.</summary>
internal static partial class PodStatusMapper
{
    private const int MaxLastLines = 20;

    // Exit codes of a container that is stopped because its startup probe failed: by SIGKILL, or by SIGTERM.
    private const int Killed = 128 + 9;
    private const int Terminated = 128 + 15;

    private static readonly TimeSpan KillDelay = TimeSpan.FromSeconds(15);

    // Times in a pod status are rounded to whole seconds.
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(1);

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
        var status = FindContainerStatus(pod);
        var ended = status?.State?.Terminated ?? status?.LastState?.Terminated;
        var seen = new PodObservation
        {
            Name = new(pod.Metadata.Name),
            Deployment = PodLabels.GetDeployment(pod),
            Revision = PodLabels.GetRevision(pod),
            Phase = PodPhase.Starting,
            CreatedAt = Utc(pod.Metadata.CreationTimestamp) ?? before?.CreatedAt ?? default,
            Restarts = status?.RestartCount ?? 0,
            ReadyAt = before?.ReadyAt,
            ExitCode = ended?.ExitCode,
            LastLines = [.. LastLines(ended)],
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

    /// <summary>Returns the status of the serving container; null before the node has reported one.</summary>
    public static V1ContainerStatus? FindContainerStatus(V1Pod pod) =>
        pod.Status?.ContainerStatuses?.FirstOrDefault(container => container.Name == PodManifest.ContainerName);

    /// <summary>Whether the serving container was started at least once, so that it may have a log.</summary>
    public static bool HasEverRun(V1Pod pod) =>
        FindContainerStatus(pod) is { } status
        && (status.State?.Running is not null || status.State?.Terminated is not null || status.LastState?.Terminated is not null);

    /// <summary>Returns an id of the current run of the serving container; null if the container does not run.</summary>
    public static string? GetRunId(V1Pod pod) =>
        FindContainerStatus(pod) is { State.Running: not null } status ? $"{pod.Metadata.Uid}/{status.RestartCount}" : null;

    /// <summary>Returns the readiness check of a pod; null if its container does not run or has no address yet.</summary>
    public static ReadinessCheck? CreateReadinessCheck(V1Pod pod) =>
        GetRunId(pod) is { } run && Address(pod) is { } address
            ? new(
                new(pod.Metadata.Name),
                run,
                new(address.GetLeftPart(UriPartial.Authority) + PodManifest.GetReadinessPath(pod)),
                PodManifest.GetProtocol(pod)
            )
            : null;

    /// <summary>Returns the observation of a pod that passed its readiness check.</summary>
    /// <param name="pod">The pod as Kubernetes reported it.</param>
    /// <param name="observation">The observation derived from <paramref name="pod"/>.</param>
    /// <param name="at">The time of the check.</param>
    public static PodObservation ToReady(V1Pod pod, PodObservation observation, DateTimeOffset at) =>
        observation with
        {
            Phase = PodPhase.Ready,
            Address = Address(pod),
            Protocol = PodManifest.GetProtocol(pod),
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
                Message = pod.Status.Message ?? disrupted?.Message ?? Ended(ended),
            };
        if (Condition(pod, "Ready") is { } ready && (ready.Status is "True" || IsContainerReady(status)) && Address(pod) is { } address)
            return seen with
            {
                Phase = PodPhase.Ready,
                Address = address,
                Protocol = PodManifest.GetProtocol(pod),
                ReadyAt = ReadyAt(ready) ?? seen.ReadyAt ?? seen.CreatedAt,
            };
        if (Condition(pod, "PodScheduled") is { Status: "False", Reason: "Unschedulable" } waiting)
            // Not a failure: an autoscaler may add a node, or another pod may end.
            return seen with { Reason = PodReasons.Unschedulable, Message = $"No node can run the pod: {waiting.Message}" };
        if (status?.State?.Waiting is { Reason: { } reason } wait)
            return Waiting(pod, seen, wait, reason, ended);
        if (status?.State?.Terminated is not null)
            return Ended(pod, seen, EndReason(pod, seen, ended!), ended);
        if (status is { State.Running: not null, Started: not true, LastState.Terminated: { } last } && WasTooSlow(pod, last, seen.ReadyAt))
            // Kubernetes restarts such a container immediately, so its state never shows the failure.
            return seen with { Reason = PodReasons.StartupTimeout, Message = TooSlow(pod) };
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

    private static DateTimeOffset? ReadyAt(V1PodCondition ready) => ready.Status is "True" ? Utc(ready.LastTransitionTime) : null;

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
        var why = ended is null ? reason : EndReason(pod, seen, ended);
        return Ended(pod, seen, why is PodReasons.Exited ? PodReasons.CrashLoopBackOff : why, ended) with
        {
            NextStartAt = NextStart(wait, ended),
        };
    }

    private static PodObservation Failed(PodObservation seen, string reason, string message) =>
        seen with
        {
            Phase = PodPhase.Failed,
            Reason = reason,
            Message = message,
        };

    private static string EndReason(V1Pod pod, PodObservation seen, V1ContainerStateTerminated ended) =>
        ended.Reason is "OOMKilled" ? PodReasons.OomKilled
        : ended.Reason is "ContainerCannotRun" or "StartError" ? PodReasons.ImageUnavailable
        : WasTooSlow(pod, ended, seen.ReadyAt) ? PodReasons.StartupTimeout
        : PodReasons.Exited;

    /// <summary>
    /// Whether a run was stopped because its startup probe failed. Kubernetes does not report this cause. It is assumed if the run had not
    /// become ready, ended at about the time of the startup timeout, and has a matching exit code.
    /// </summary>
    private static bool WasTooSlow(V1Pod pod, V1ContainerStateTerminated ended, DateTimeOffset? readyAt) =>
        ended.ExitCode is 0 or Killed or Terminated
        && !(readyAt >= Utc(ended.StartedAt))
        && ended.FinishedAt - ended.StartedAt is { } duration
        && PodManifest.GetStartupTimeout(pod) is var limit
        && duration >= limit - Rounding
        && duration <= limit + TimeSpan.FromSeconds(pod.Spec.TerminationGracePeriodSeconds ?? 30) + KillDelay;

    private static PodObservation Ended(V1Pod pod, PodObservation seen, string reason, V1ContainerStateTerminated? ended) =>
        Failed(seen, reason, reason is PodReasons.StartupTimeout ? TooSlow(pod) : Ended(ended));

    /// <summary>
    /// Returns the message of a startup timeout. The result of the probe is only in events, which silos have no right to read.
    /// </summary>
    private static string TooSlow(V1Pod pod)
    {
        var expected = PodManifest.FindServingContainer(pod)?.StartupProbe?.HttpGet is { } get
            ? $"respond to GET {get.Path} on port {PodManifest.GetPort(pod)} with success"
            : $"listen on port {PodManifest.GetPort(pod)}";
        return $"The container did not {expected} within {PodManifest.GetStartupTimeout(pod).TotalSeconds:0} s "
            + "of its start and was killed.";
    }

    private static string Ended(V1ContainerStateTerminated? ended) =>
        ended switch
        {
            null => "The container ended.",
            { Reason: "OOMKilled" } => "The container exceeded its memory limit and was killed. Raise the limit or reduce memory use.",
            { Reason: "ContainerCannotRun" or "StartError" } => $"The command cannot be run: {ended.Message}",
            _ => $"The container ended with exit code {ended.ExitCode}{Lasted(ended)}.",
        };

    private static string Lasted(V1ContainerStateTerminated ended) =>
        ended.FinishedAt - ended.StartedAt is { } duration && duration >= TimeSpan.Zero
            ? $", {duration.TotalSeconds:0} s after its start"
            : "";

    private static IReadOnlyList<string> LastLines(V1ContainerStateTerminated? ended) =>
        ended is { ExitCode: not 0, Message: { Length: > 0 } text } ? [.. text.TrimEnd('\n').Split('\n').TakeLast(MaxLastLines)] : [];

    /// <summary>
    /// Returns the time of the next restart; null if unknown. Kubernetes reports the backoff only in a message such as
    /// <c>back-off 1m20s restarting failed container=…</c>.
    /// </summary>
    private static DateTimeOffset? NextStart(V1ContainerStateWaiting wait, V1ContainerStateTerminated? ended) =>
        Utc(ended?.FinishedAt) is { } at && BackOff().Match(wait.Message ?? "") is { Success: true } backoff
            ? at + Seconds(backoff, "m") * 60 + Seconds(backoff, "s")
            : null;

    private static TimeSpan Seconds(Match backoff, string part) =>
        double.TryParse(backoff.Groups[part].ValueSpan, CultureInfo.InvariantCulture, out var number)
            ? TimeSpan.FromSeconds(number)
            : TimeSpan.Zero;

    private static Uri? Address(V1Pod pod) =>
        IPAddress.TryParse(pod.Status?.PodIP, out var ip) ? new UriBuilder("http", $"{ip}", PodManifest.GetPort(pod)).Uri : null;

    private static V1PodCondition? Condition(V1Pod pod, string type) =>
        pod.Status?.Conditions?.FirstOrDefault(condition => condition.Type == type);

    private static DateTimeOffset? Utc(DateTime? time) =>
        time is { } at ? new DateTimeOffset(DateTime.SpecifyKind(at.ToUniversalTime(), DateTimeKind.Utc)) : null;

    [GeneratedRegex(@"back-off (?:(?<m>[0-9]+)m)?(?:(?<s>[0-9.]+)s)? restarting", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex BackOff();
}
