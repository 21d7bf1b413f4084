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
    public static RetryDecision After(int attempts, PodAnswer answer, AsyncCallOptions options, double random)
    {
        if (answer is { ErrorCode: null, Result: null })
            return new(CallStatus.Queued, null, null, options.FirstPause);
        if (answer.Result is { } result && !IsRepeated(result.StatusCode))
            return new(CallStatus.Completed, null, null, null);
        var code = answer.ErrorCode ?? CallErrorCode.PodError;
        if (attempts >= options.MostAttempts || code is CallErrorCode.ResultTooLarge)
            return new(CallStatus.Error, code, $"Attempt {attempts} failed: {answer.Detail ?? $"the pod answered {answer.Result?.StatusCode}"}.", null);
        return new(CallStatus.Queued, null, null, Pause(attempts, options, random));
    }

    /// <summary>An answer that says "not now" or "I broke"; any other one is the model's own.</summary>
    private static bool IsRepeated(int status) => status is 429 or >= 500;

    private static TimeSpan Pause(int attempts, AsyncCallOptions options, double random)
    {
        var pause = options.FirstPause * Math.Pow(4, attempts - 1);
        return (pause < options.LongestPause ? pause : options.LongestPause) * (0.75 + random / 2);
    }
}
