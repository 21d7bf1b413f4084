using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes.Kubernetes.Readiness;
using k8s.Models;

namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>What a pod of the platform is in our words.</summary>
internal static partial class PodReading
{
    private const int MostLastLines = 20;

    // Killed, or ended as it was asked to: what a start-up probe that gives up leaves behind.
    private const int Killed = 128 + 9;
    private const int Terminated = 128 + 15;

    private static readonly TimeSpan KillDelay = TimeSpan.FromSeconds(15);

    // Times of a status are whole seconds.
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

    /// <summary>The observation of a pod, after another one of the same where there was any.</summary>
    public static PodObservation Of(V1Pod pod, PodObservation? before = null)
    {
        var status = Serving(pod);
        var ended = status?.State?.Terminated ?? status?.LastState?.Terminated;
        var seen = new PodObservation
        {
            Name = new(pod.Metadata.Name),
            Deployment = PodLabels.DeploymentOf(pod),
            Revision = PodLabels.RevisionOf(pod),
            Phase = PodPhase.Starting,
            CreatedAt = Utc(pod.Metadata.CreationTimestamp) ?? before?.CreatedAt ?? default,
            Restarts = status?.RestartCount ?? 0,
            ReadyAt = before?.ReadyAt,
            ExitCode = ended?.ExitCode,
            LastLines = LastLines(ended),
        };
        return Judge(pod, seen, status, ended);
    }

    /// <summary>The last that is to be said of a pod that is there no more.</summary>
    public static PodObservation Gone(PodObservation last) =>
        last with
        {
            Phase = PodPhase.Ended,
            Address = null,
            NextStartAt = null,
            Reason = last.Reason ?? PodReasons.Stopped,
            Message = last.Message ?? "It was stopped.",
        };

    /// <summary>How it stands with the container that serves; null before its node has said anything.</summary>
    public static V1ContainerStatus? Serving(V1Pod pod) =>
        pod.Status?.ContainerStatuses?.FirstOrDefault(container => container.Name == PodManifest.Container);

    /// <summary>Whether it has written anything that can be read: its container was started at least once.</summary>
    public static bool HasRun(V1Pod pod) =>
        Serving(pod) is { } status
        && (status.State?.Running is not null || status.State?.Terminated is not null || status.LastState?.Terminated is not null);

    /// <summary>Which run of its container it is that runs now; null while none does.</summary>
    public static string? Run(V1Pod pod) =>
        Serving(pod) is { State.Running: not null } status ? $"{pod.Metadata.Uid}/{status.RestartCount}" : null;

    /// <summary>Where a pod answers once it is ready; null where nothing of it runs.</summary>
    public static StartQuestion? StartQuestion(V1Pod pod) =>
        Run(pod) is { } run && Address(pod) is { } address
            ? new(
                new(pod.Metadata.Name),
                run,
                new(address.GetLeftPart(UriPartial.Authority) + PodManifest.ReadinessPath(pod)),
                PodManifest.Protocol(pod)
            )
            : null;

    /// <summary>A pod that has said itself that it is ready.</summary>
    public static PodObservation Ready(V1Pod pod, PodObservation told, DateTimeOffset at) =>
        told with
        {
            Phase = PodPhase.Ready,
            Address = Address(pod),
            Protocol = PodManifest.Protocol(pod),
            ReadyAt = at,
            Reason = null,
            Message = null,
        };

    private static PodObservation Judge(V1Pod pod, PodObservation seen, V1ContainerStatus? status, V1ContainerStateTerminated? ended)
    {
        // Why it goes where that is not our doing: its node is drained, lost or short of something, or another pod is worth more.
        var taken = Condition(pod, "DisruptionTarget") is { Status: "True" } disruption ? disruption : null;
        if (pod.Metadata.DeletionTimestamp is not null)
            return seen with
            {
                Phase = PodPhase.Draining,
                Reason = taken?.Reason,
                Message = taken is null ? null : $"The platform takes it away: {taken.Message}",
            };
        // It does not come back, and only its object is left: who watches has that removed, as that of a pod on its way out.
        if (pod.Status?.Phase is "Failed" or "Succeeded")
            return seen with
            {
                Phase = PodPhase.Draining,
                Reason = pod.Status.Reason ?? taken?.Reason ?? PodReasons.Exited,
                Message = pod.Status.Message ?? taken?.Message ?? Ended(ended),
            };
        if (Condition(pod, "Ready") is { } ready && (ready.Status is "True" || IsUnheardOf(status)) && Address(pod) is { } address)
            return seen with
            {
                Phase = PodPhase.Ready,
                Address = address,
                Protocol = PodManifest.Protocol(pod),
                ReadyAt = ReadyAt(ready) ?? seen.ReadyAt ?? seen.CreatedAt,
            };
        if (Condition(pod, "PodScheduled") is { Status: "False", Reason: "Unschedulable" } waiting)
            // It waits and is not failed: what it waits for may come, as a node that an autoscaler adds or another pod's end.
            return seen with { Reason = PodReasons.Unschedulable, Message = $"No node can take it: {waiting.Message}" };
        if (status?.State?.Waiting is { Reason: { } reason } wait)
            return Waiting(pod, seen, wait, reason, ended);
        if (status?.State?.Terminated is not null)
            return Ended(pod, seen, EndReason(pod, seen, ended!), ended);
        if (status is { State.Running: not null, Started: not true, LastState.Terminated: { } last } && WasTooSlow(pod, last, seen.ReadyAt))
            // The platform starts such a one again at once, and its state never says that it had failed.
            return seen with { Reason = PodReasons.StartupTimeout, Message = TooSlow(pod) };
        return seen.ReadyAt is not null && seen.Restarts == 0 && status?.State?.Running is not null
            ? seen with
            {
                Reason = PodReasons.Unready,
                Message = "It does not answer on its readiness path any more.",
            }
            : seen;
    }

    /// <summary>
    /// Of a node that is not heard of, the platform takes the pods' readiness back, but not that of their containers. After an absence of the API server
    /// that happens to all nodes at once, and their pods serve on. Those of a node that is really lost are deleted soon after.
    /// </summary>
    private static bool IsUnheardOf(V1ContainerStatus? status) => status is { Ready: true, State.Running: not null };

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
            return Failed(seen, PodReasons.ImagePullBackOff, $"Its image cannot be pulled: {wait.Message ?? reason}");
        if (RunReasons.Contains(reason, StringComparer.Ordinal))
            return Failed(seen, PodReasons.ImageUnavailable, $"Its container cannot be made: {wait.Message ?? reason}");
        if (reason is not "CrashLoopBackOff")
            return seen;
        // Which of the two is more of use: that it crashes again and again stands in the restarts.
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

    /// <summary>The platform does not say that its probe gave up; but who was killed just then, and had not become ready, was killed for that.</summary>
    private static bool WasTooSlow(V1Pod pod, V1ContainerStateTerminated ended, DateTimeOffset? readyAt) =>
        ended.ExitCode is 0 or Killed or Terminated
        && !(readyAt >= Utc(ended.StartedAt))
        && ended.FinishedAt - ended.StartedAt is { } lasted
        && PodManifest.StartupLimit(pod) is var limit
        && lasted >= limit - Rounding
        && lasted <= limit + TimeSpan.FromSeconds(pod.Spec.TerminationGracePeriodSeconds ?? 30) + KillDelay;

    private static PodObservation Ended(V1Pod pod, PodObservation seen, string reason, V1ContainerStateTerminated? ended) =>
        Failed(seen, reason, reason is PodReasons.StartupTimeout ? TooSlow(pod) : Ended(ended));

    /// <summary>What its probe waited for in vain; what it got instead stands in events only, which are not ours to read.</summary>
    private static string TooSlow(V1Pod pod)
    {
        var wanted = PodManifest.Serving(pod)?.StartupProbe?.HttpGet is { } get
            ? $"answer GET {get.Path} on port {PodManifest.Port(pod)} with success"
            : $"listen on port {PodManifest.Port(pod)}";
        return $"It did not {wanted} within {PodManifest.StartupLimit(pod).TotalSeconds:0} s of its start, and was killed.";
    }

    private static string Ended(V1ContainerStateTerminated? ended) =>
        ended switch
        {
            null => "It ended.",
            { Reason: "OOMKilled" } => "It was killed because it took more memory than its limit: give it more, or have it take less.",
            { Reason: "ContainerCannotRun" or "StartError" } => $"Its command cannot be run: {ended.Message}",
            _ => $"It ended with exit code {ended.ExitCode}{Lasted(ended)}.",
        };

    private static string Lasted(V1ContainerStateTerminated ended) =>
        ended.FinishedAt - ended.StartedAt is { } lasted && lasted >= TimeSpan.Zero ? $", {lasted.TotalSeconds:0} s after its start" : "";

    private static IReadOnlyList<string> LastLines(V1ContainerStateTerminated? ended) =>
        ended is { ExitCode: not 0, Message: { Length: > 0 } text } ? [.. text.TrimEnd('\n').Split('\n').TakeLast(MostLastLines)] : [];

    /// <summary>The platform says the pause in words only, as in <c>back-off 1m20s restarting failed container=…</c>.</summary>
    private static DateTimeOffset? NextStart(V1ContainerStateWaiting wait, V1ContainerStateTerminated? ended) =>
        Utc(ended?.FinishedAt) is { } at && BackOff().Match(wait.Message ?? "") is { Success: true } pause
            ? at + Seconds(pause, "m") * 60 + Seconds(pause, "s")
            : null;

    private static TimeSpan Seconds(Match pause, string part) =>
        double.TryParse(pause.Groups[part].ValueSpan, CultureInfo.InvariantCulture, out var number)
            ? TimeSpan.FromSeconds(number)
            : TimeSpan.Zero;

    private static Uri? Address(V1Pod pod) =>
        IPAddress.TryParse(pod.Status?.PodIP, out var ip) ? new UriBuilder("http", $"{ip}", PodManifest.Port(pod)).Uri : null;

    private static V1PodCondition? Condition(V1Pod pod, string type) =>
        pod.Status?.Conditions?.FirstOrDefault(condition => condition.Type == type);

    private static DateTimeOffset? Utc(DateTime? time) =>
        time is { } at ? new DateTimeOffset(DateTime.SpecifyKind(at.ToUniversalTime(), DateTimeKind.Utc)) : null;

    [GeneratedRegex(@"back-off (?:(?<m>[0-9]+)m)?(?:(?<s>[0-9.]+)s)? restarting", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex BackOff();
}
