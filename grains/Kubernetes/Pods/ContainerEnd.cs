using System.Globalization;
using System.Text.RegularExpressions;
using DeployCard.Contracts.Pods;
using k8s.Models;

namespace DeployCard.Kubernetes.Pods;

/// <summary>Reasons and messages of container runs that ended.</summary>
internal static partial class ContainerEnd
{
    private const int MaxLastLines = 20;

    // Exit codes of a container that is stopped because its startup probe failed: by SIGKILL, or by SIGTERM.
    private const int Killed = 128 + 9;
    private const int Terminated = 128 + 15;

    private static readonly TimeSpan KillDelay = TimeSpan.FromSeconds(15);

    // Times in a pod status are rounded to whole seconds.
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(1);

    /// <summary>Returns the reason why a run of the container ended.</summary>
    /// <param name="pod">The pod of the container.</param>
    /// <param name="ended">The run that ended.</param>
    /// <param name="readyAt">Time when the pod last became ready; null if it was never ready.</param>
    public static string GetReason(V1Pod pod, V1ContainerStateTerminated ended, DateTimeOffset? readyAt) =>
        ended.Reason is "OOMKilled" ? PodReasons.OomKilled
        : ended.Reason is "ContainerCannotRun" or "StartError" ? PodReasons.ImageUnavailable
        : WasTooSlow(pod, ended, readyAt) ? PodReasons.StartupTimeout
        : PodReasons.Exited;

    /// <summary>Returns the message for a reason of <see cref="GetReason"/>; a null run means that its end was not reported.</summary>
    public static string GetMessage(V1Pod pod, string reason, V1ContainerStateTerminated? ended) =>
        reason is PodReasons.StartupTimeout ? DescribeStartupTimeout(pod) : Describe(ended);

    /// <summary>
    /// Whether a run was stopped because its startup probe failed. Kubernetes does not report this cause. It is assumed if the run had not
    /// become ready, ended at about the time of the startup timeout, and has a matching exit code.
    /// </summary>
    public static bool WasTooSlow(V1Pod pod, V1ContainerStateTerminated ended, DateTimeOffset? readyAt) =>
        ended.ExitCode is 0 or Killed or Terminated
        && !(readyAt >= KubernetesTime.ToUtc(ended.StartedAt))
        && ended.FinishedAt - ended.StartedAt is { } duration
        && ServingContainer.GetStartupTimeout(pod) is var limit
        && duration >= limit - Rounding
        && duration <= limit + TimeSpan.FromSeconds(pod.Spec.TerminationGracePeriodSeconds ?? 30) + KillDelay;

    /// <summary>
    /// Returns the message of a startup timeout. The result of the probe is only in events, which silos have no right to read.
    /// </summary>
    public static string DescribeStartupTimeout(V1Pod pod)
    {
        var expected = ServingContainer.Find(pod)?.StartupProbe?.HttpGet is { } get
            ? $"respond to GET {get.Path} on port {ServingContainer.GetPort(pod)} with success"
            : $"listen on port {ServingContainer.GetPort(pod)}";
        return $"The container did not {expected} within {ServingContainer.GetStartupTimeout(pod).TotalSeconds:0} s "
            + "of its start and was killed.";
    }

    /// <summary>Returns a message about the end of a run; a null run means that its end was not reported.</summary>
    public static string Describe(V1ContainerStateTerminated? ended) =>
        ended switch
        {
            null => "The container ended.",
            { Reason: "OOMKilled" } => "The container exceeded its memory limit and was killed. Raise the limit or reduce memory use.",
            { Reason: "ContainerCannotRun" or "StartError" } => $"The command cannot be run: {ended.Message}",
            _ => $"The container ended with exit code {ended.ExitCode}{Lasted(ended)}.",
        };

    /// <summary>Returns the last lines of the output of a failed run, at most 20; empty if the run did not fail or had no output.</summary>
    public static IReadOnlyList<string> GetLastLines(V1ContainerStateTerminated? ended) =>
        ended is { ExitCode: not 0, Message: { Length: > 0 } text } ? [.. text.TrimEnd('\n').Split('\n').TakeLast(MaxLastLines)] : [];

    /// <summary>
    /// Returns the time of the next restart; null if unknown. Kubernetes reports the backoff only in a message such as
    /// <c>back-off 1m20s restarting failed container=…</c>.
    /// </summary>
    public static DateTimeOffset? GetNextStart(V1ContainerStateWaiting wait, V1ContainerStateTerminated? ended) =>
        KubernetesTime.ToUtc(ended?.FinishedAt) is { } at && BackOff().Match(wait.Message ?? "") is { Success: true } backoff
            ? at + Seconds(backoff, "m") * 60 + Seconds(backoff, "s")
            : null;

    private static string Lasted(V1ContainerStateTerminated ended) =>
        ended.FinishedAt - ended.StartedAt is { } duration && duration >= TimeSpan.Zero
            ? $", {duration.TotalSeconds:0} s after its start"
            : "";

    private static TimeSpan Seconds(Match backoff, string part) =>
        double.TryParse(backoff.Groups[part].ValueSpan, CultureInfo.InvariantCulture, out var number)
            ? TimeSpan.FromSeconds(number)
            : TimeSpan.Zero;

    [GeneratedRegex(@"back-off (?:(?<m>[0-9]+)m)?(?:(?<s>[0-9.]+)s)? restarting", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex BackOff();
}
