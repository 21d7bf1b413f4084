using System.Globalization;
using DeployCard.Common.Collections;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Routing;

namespace DeployCard.Contracts.AsyncCalls;

/// <summary>The reason why a queued call is not running.</summary>
/// <param name="Reason">Category of the reason.</param>
/// <param name="Detail">The reason in one or more sentences, with the known details.</param>
/// <param name="Position">Position in the queue, starting with 1; null during a backoff, or if the position is unknown.</param>
/// <param name="Until">End of the backoff, UTC; null if no backoff is in progress.</param>
/// <param name="Attempt">Number of the next attempt within the current series, starting with 1.</param>
public sealed record CallWait(CallWaitReason Reason, string Detail, long? Position, DateTimeOffset? Until, int Attempt)
{
    /// <summary>Returns the reason why <paramref name="call"/> waits; null if it has ended or is running at a pod.</summary>
    public static CallWait? For(CallView call, QueueStatus queue, DateTimeOffset now)
    {
        if (call.HasEnded || call.RunningSince is not null)
            return null;
        var next = call.Attempts.Skip(call.SeriesStart).Count(attempt => attempt.IsCounted) + 1;
        if (queue.State is RouteState.Serving && call.NextAttemptAt is { } until && until > now)
            return new(CallWaitReason.Backoff, DescribeBackoff(call, next, until), null, until, next);
        var (reason, detail) = GetReason(queue, now);
        return new(reason, detail, queue.Positions.TryGetValue(call.Id, out var position) ? position : null, null, next);
    }

    private static string DescribeBackoff(CallView call, int next, DateTimeOffset until) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Attempt {next - 1} failed: {call.Attempts[^1].Detail}. Attempt {next} follows at {until:yyyy-MM-dd HH:mm:ss}Z."
        );

    private static (CallWaitReason Reason, string Detail) GetReason(QueueStatus queue, DateTimeOffset now) =>
        queue switch
        {
            { State: RouteState.Stopped } => (CallWaitReason.Stopped, "The deployment is stopped; its calls run after it is started."),
            { State: not RouteState.Serving } => (CallWaitReason.Stopped, "The deployment was deleted; its calls are being ended."),
            { ReadyPods: > 0 } => (
                CallWaitReason.AtCapacity,
                $"All request slots of the {(queue.ReadyPods == 1 ? "ready pod" : $"{queue.ReadyPods} ready pods")} are in use."
            ),
            { Failure: { } failure } => (
                CallWaitReason.NoReadyPod,
                $"No pod becomes ready: {failure.Message}{FormatLastLine(failure.LastLines)}{FormatRetry(queue.RetryAt, now)}"
            ),
            { StartingPods: > 0 } => (
                CallWaitReason.NoReadyPod,
                $"No pod is ready yet; {(queue.StartingPods == 1 ? "1 pod is" : $"{queue.StartingPods} pods are")} starting."
            ),
            _ => (CallWaitReason.NoReadyPod, "No pod exists yet; one is about to start."),
        };

    private static string FormatLastLine(ValueList<string> lines) => lines.Count > 0 ? $" Last log line: {lines[^1]}" : "";

    private static string FormatRetry(DateTimeOffset? at, DateTimeOffset now) =>
        RetryTime.GetRemaining(at, now) is { } left ? $" Next start in {left.TotalSeconds:0} s." : "";
}

/// <summary>Reason why a queued call is not running.</summary>
public enum CallWaitReason
{
    /// <summary>No pod is ready: a pod is starting, or no pod can start.</summary>
    NoReadyPod,

    /// <summary>All pods have reached their concurrency limit.</summary>
    AtCapacity,

    /// <summary>The last attempt failed, and the next one starts after a backoff.</summary>
    Backoff,

    /// <summary>The deployment was stopped or deleted.</summary>
    Stopped,
}
