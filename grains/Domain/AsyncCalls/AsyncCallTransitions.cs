using DeployCard.Contracts.AsyncCalls;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// The changes of a call's state. The invariant: attempt numbers are never reused, at most the last attempt is open, and an ended call has
/// no open attempt.
/// </summary>
internal static class AsyncCallTransitions
{
    /// <summary>Returns the state after a pod was chosen for the next attempt, which is open.</summary>
    public static AsyncCallState WithAttemptStarted(this AsyncCallState state, string pod, DateTimeOffset now) =>
        state with
        {
            Attempts = [.. state.Attempts, new(state.Attempts.Count + 1, now, Pod: pod)],
            NextAttemptAt = null,
        };

    /// <summary>Returns the state with an open attempt for an execution that got no pod.</summary>
    /// <param name="state">State of a call without an open attempt.</param>
    /// <param name="startedAt">Time when the execution started, UTC.</param>
    public static AsyncCallState WithAttemptWithoutPod(this AsyncCallState state, DateTimeOffset startedAt) =>
        state with
        {
            Attempts = [.. state.Attempts, new(state.Attempts.Count + 1, startedAt)],
        };

    /// <summary>Returns the state after the open attempt was interrupted by a graceful shutdown. The attempt does not count.</summary>
    /// <param name="state">State of the call.</param>
    /// <param name="open">The open attempt of the call.</param>
    /// <param name="now">The current time, UTC.</param>
    public static AsyncCallState WithAttemptInterrupted(this AsyncCallState state, CallAttempt open, DateTimeOffset now) =>
        state.WithLastAttempt(open with { EndedAt = now, Detail = "a graceful shutdown of its silo interrupted it", IsCounted = false });

    /// <summary>
    /// Returns the state after the open attempt was lost, for example with its silo. The attempt counts: a call that crashes silos would
    /// otherwise be retried without end.
    /// </summary>
    /// <param name="state">State of the call.</param>
    /// <param name="open">The open attempt of the call.</param>
    /// <param name="detail">Description of the cause, without a final period.</param>
    /// <param name="now">The current time, UTC.</param>
    public static AsyncCallState WithAttemptLost(this AsyncCallState state, CallAttempt open, string detail, DateTimeOffset now) =>
        state.WithLastAttempt(open with { EndedAt = now, ErrorCode = CallErrorCode.PodFailed, Detail = detail });

    /// <summary>Returns the state after the last attempt ended with an outcome. The status of the call does not change.</summary>
    public static AsyncCallState WithAttemptEnded(this AsyncCallState state, AttemptOutcome outcome, DateTimeOffset now) =>
        state.WithLastAttempt(
            state.Attempts[^1] with
            {
                EndedAt = now,
                StatusCode = outcome.StatusCode,
                ErrorCode = outcome.ErrorCode,
                Detail = outcome.Detail,
            }
        );

    /// <summary>Returns the state after a user enqueued an ended call again, with a new series of attempts.</summary>
    public static AsyncCallState WithRetry(this AsyncCallState state, DateTimeOffset now) =>
        state with
        {
            Status = CallStatus.Queued,
            ErrorCode = null,
            ErrorMessage = null,
            EndedAt = null,
            NextAttemptAt = null,
            SeriesStart = state.Attempts.Count,
            DueAt = now + state.Limits.FullLive,
            StoredPurgeAt = null,
            Callback = state.Callback?.WithDeliveryReset(),
        };

    /// <summary>Returns the final state of a call. An open attempt ends with the error of the call.</summary>
    /// <param name="state">State of a call that has not ended.</param>
    /// <param name="end">The end of the call.</param>
    /// <param name="now">The current time, UTC.</param>
    /// <param name="callbackLease">Maximum duration of the first delivery of the callback.</param>
    public static AsyncCallState WithEnd(this AsyncCallState state, CallEnd end, DateTimeOffset now, TimeSpan callbackLease)
    {
        var ended = state.OpenAttempt is { } open
            ? state.WithLastAttempt(open with { EndedAt = now, ErrorCode = end.ErrorCode, Detail = end.Message })
            : state;
        return ended with
        {
            Status = end.Status,
            ErrorCode = end.ErrorCode,
            ErrorMessage = end.Message,
            Result = end.Result,
            EndedAt = now,
            NextAttemptAt = null,
            StoredPurgeAt = now + state.Limits.Retention,
            Callback = ended.Callback?.WithDeliveryStarted(now + callbackLease),
        };
    }
}
