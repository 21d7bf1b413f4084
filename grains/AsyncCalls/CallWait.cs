using System.Globalization;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Routing;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>Why a call has not run yet, or not to its end.</summary>
/// <param name="Reason">What it waits for.</param>
/// <param name="Detail">The same in a sentence, with what is known of it.</param>
/// <param name="Position">Its place in the queue, 1 for the next one; null while it pauses.</param>
/// <param name="Until">When its pause ends, UTC; null when it does not pause.</param>
/// <param name="Attempt">The number, in the present series, of the attempt that comes next.</param>
public sealed record CallWait(CallWaitReason Reason, string Detail, long? Position, DateTimeOffset? Until, int Attempt)
{
    /// <summary>What <paramref name="call"/> waits for; null when it has ended or a pod has it.</summary>
    public static CallWait? Of(CallView call, QueueSituation queue, DateTimeOffset now)
    {
        if (call.HasEnded || call.RunningSince is not null)
            return null;
        var next = call.Attempts.Skip(call.SeriesStart).Count(attempt => attempt.IsCounted) + 1;
        if (queue.State is RouteState.Serving && call.NextAttemptAt is { } until && until > now)
            return new(CallWaitReason.Backoff, Pause(call, next, until), null, until, next);
        var (reason, detail) = Reasons(queue, now);
        return new(reason, detail, queue.Positions.TryGetValue(call.Id, out var position) ? position : null, null, next);
    }

    private static string Pause(CallView call, int next, DateTimeOffset until) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Attempt {next - 1} failed: {call.Attempts[^1].Detail}. Attempt {next} follows at {until:yyyy-MM-dd HH:mm:ss}Z."
        );

    private static (CallWaitReason Reason, string Detail) Reasons(QueueSituation queue, DateTimeOffset now) =>
        queue switch
        {
            { State: RouteState.Stopped } => (CallWaitReason.Stopped, "A person stopped the deployment; its calls run when it is started."),
            { State: not RouteState.Serving } => (CallWaitReason.Stopped, "The deployment was deleted; its calls are about to end."),
            { ReadyPods: > 0 } => (
                CallWaitReason.AtCapacity,
                $"All places at the {(queue.ReadyPods == 1 ? "ready pod" : $"{queue.ReadyPods} ready pods")} are taken."
            ),
            { Failure: { } failure } => (
                CallWaitReason.NoReadyPod,
                $"No pod becomes ready: {failure.Message}{LastLine(failure.LastLines)}{Retry(queue.RetryAt, now)}"
            ),
            { StartingPods: > 0 } => (
                CallWaitReason.NoReadyPod,
                $"No pod is ready yet; {(queue.StartingPods == 1 ? "one starts" : $"{queue.StartingPods} start")}."
            ),
            _ => (CallWaitReason.NoReadyPod, "No pod is there yet; one is about to start."),
        };

    private static string LastLine(IReadOnlyList<string> lines) => lines.Count > 0 ? $" Its last line: {lines[^1]}" : "";

    private static string Retry(DateTimeOffset? at, DateTimeOffset now) =>
        RetryTime.Left(at, now) is { } left ? $" The next start is in {left.TotalSeconds:0} s." : "";
}

/// <summary>What a call waits for.</summary>
public enum CallWaitReason
{
    /// <summary>No pod is ready: one starts, or none can.</summary>
    NoReadyPod,

    /// <summary>The pods have as many requests as they may.</summary>
    AtCapacity,

    /// <summary>The last attempt failed; the next one comes after a pause.</summary>
    Backoff,

    /// <summary>A person stopped the deployment.</summary>
    Stopped,
}
