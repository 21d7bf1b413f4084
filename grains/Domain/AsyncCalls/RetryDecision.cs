using DeployCard.Common.Retry;
using DeployCard.Contracts.AsyncCalls;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>Decision after an attempt: the call ends, or another attempt follows after a backoff.</summary>
/// <param name="Status">New status of the call.</param>
/// <param name="ErrorCode">Reason why the call ends without a result; null if the call has a result or is retried.</param>
/// <param name="Message">Description of the error; null if the call has a result or is retried.</param>
/// <param name="RetryAfter">Backoff before the next attempt; null if the call ends.</param>
internal sealed record RetryDecision(CallStatus Status, CallErrorCode? ErrorCode, string? Message, TimeSpan? RetryAfter)
{
    /// <summary>Decides whether the call ends or is retried.</summary>
    /// <param name="attempts">Number of counted attempts in the current series, including the attempt that just ended.</param>
    /// <param name="outcome">Outcome of the attempt.</param>
    /// <param name="options">Retry limit and backoff settings.</param>
    /// <param name="random">Random number from 0 to 1 for the jitter, which spreads calls that failed at the same time.</param>
    public static RetryDecision Decide(int attempts, AttemptOutcome outcome, AsyncCallOptions options, double random) =>
        outcome switch
        {
            { Result: not null } => new(CallStatus.Completed, null, null, null),
            { ErrorCode: { } code } when attempts >= options.MaxAttempts || code is CallErrorCode.ResultTooLarge => Failed(
                attempts,
                code,
                outcome.Detail
            ),
            { ErrorCode: not null } => new(CallStatus.Queued, null, null, GetDelay(attempts, outcome.RetryAfter, options, random)),
            _ => new(CallStatus.Queued, null, null, options.InitialBackoff),
        };

    /// <summary>Returns the decision that ends the call in an error after its last attempt.</summary>
    public static RetryDecision Failed(int attempts, CallErrorCode code, string? detail) =>
        new(CallStatus.Error, code, $"Attempt {attempts} failed: {detail}.", null);

    private static TimeSpan GetDelay(int attempts, TimeSpan? requested, AsyncCallOptions options, double random)
    {
        var own = Backoff
            .Exponential(options.InitialBackoff, options.MaxBackoff, factor: 4, Jitter.Spread(0.25))
            .DelayAfter(attempts, random);
        // Retry-After of the pod takes precedence if it is longer, up to a limit, because a pod must not block its calls indefinitely.
        var capped =
            requested < options.MaxRetryAfter ? requested.Value
            : requested is null ? TimeSpan.Zero
            : options.MaxRetryAfter;
        return own > capped ? own : capped;
    }
}
