namespace DeployCard.Grains.AsyncCalls;

/// <summary>What follows an attempt: the end, or another attempt after a pause.</summary>
/// <param name="Status">The status from now on.</param>
/// <param name="ErrorCode">Why it ended without an answer that counts.</param>
/// <param name="Message">The error in a sentence.</param>
/// <param name="RetryAfter">The pause before the next attempt; null when there is none.</param>
internal sealed record RetryDecision(CallStatus Status, CallErrorCode? ErrorCode, string? Message, TimeSpan? RetryAfter)
{
    /// <summary>The decision.</summary>
    /// <param name="attempts">How many attempts were made, this one included.</param>
    /// <param name="answer">What came of it.</param>
    /// <param name="options">Bounds and pauses.</param>
    /// <param name="random">0 to 1, spreads calls that failed together.</param>
    public static RetryDecision After(int attempts, PodAnswer answer, AsyncCallOptions options, double random) =>
        answer switch
        {
            { Result: not null } => new(CallStatus.Completed, null, null, null),
            { ErrorCode: { } code } when attempts >= options.MaxAttempts || code is CallErrorCode.ResultTooLarge => Failed(
                attempts,
                code,
                answer.Detail
            ),
            { ErrorCode: not null } => new(CallStatus.Queued, null, null, Pause(attempts, answer.RetryAfter, options, random)),
            _ => new(CallStatus.Queued, null, null, options.InitialBackoff),
        };

    /// <summary>The end after an attempt that failed and was the last.</summary>
    public static RetryDecision Failed(int attempts, CallErrorCode code, string? detail) =>
        new(CallStatus.Error, code, $"Attempt {attempts} failed: {detail}.", null);

    private static TimeSpan Pause(int attempts, TimeSpan? asked, AsyncCallOptions options, double random)
    {
        var pause = options.InitialBackoff * Math.Pow(4, attempts - 1);
        var own = (pause < options.MaxBackoff ? pause : options.MaxBackoff) * (0.75 + (random / 2));
        // A pod that names a time knows better; but not for how long its calls may be held up.
        var wanted =
            asked < options.MaxRetryAfter ? asked.Value
            : asked is null ? TimeSpan.Zero
            : options.MaxRetryAfter;
        return own > wanted ? own : wanted;
    }
}
