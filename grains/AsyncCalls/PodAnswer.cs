namespace DeployCard.Grains.AsyncCalls;

/// <summary>What came of one attempt: an answer, a failure, or nothing because it was not tried.</summary>
[GenerateSerializer, Alias("pod-answer"), Immutable]
public sealed record PodAnswer
{
    /// <summary>What the pod answered, where that is the model's own answer.</summary>
    [Id(1)]
    public CallResult? Result { get; private init; }

    /// <summary>Why it failed; null when it answered or was not tried.</summary>
    [Id(2)]
    public CallErrorCode? ErrorCode { get; private init; }

    /// <summary>The failure in a sentence.</summary>
    [Id(3)]
    public string? Detail { get; private init; }

    /// <summary>The pod's status code, where it answered.</summary>
    [Id(4)]
    public int? StatusCode { get; private init; }

    /// <summary>The pause that the pod asked for; null where it asked for none.</summary>
    [Id(5)]
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>Whether a status says "not now" (429) or "I broke" (500 to 599); any other one is the model's own answer.</summary>
    public static bool IsRepeated(int status) => status is 429 or >= 500;

    /// <summary>The pod answered, with a status that is the model's own.</summary>
    public static PodAnswer Answered(CallResult result) => new() { Result = result, StatusCode = result.StatusCode };

    /// <summary>The pod answered that it cannot now.</summary>
    /// <param name="status">429 or 500 to 599.</param>
    /// <param name="excerpt">The beginning of its body as text; empty for none.</param>
    /// <param name="retryAfter">The pause that it asked for.</param>
    public static PodAnswer Refused(int status, string excerpt, TimeSpan? retryAfter) =>
        new()
        {
            ErrorCode = CallErrorCode.PodError,
            StatusCode = status,
            RetryAfter = retryAfter,
            Detail = excerpt.Length == 0 ? $"the pod answered {status}" : $"the pod answered {status}: {excerpt}",
        };

    /// <summary>It failed.</summary>
    public static PodAnswer Failed(CallErrorCode code, string detail, int? status = null) =>
        new()
        {
            ErrorCode = code,
            Detail = detail,
            StatusCode = status,
        };

    /// <summary>It was not tried, because the deployment takes no requests or this silo ends; it does not count as an attempt.</summary>
    public static PodAnswer NotTried(string detail) => new() { Detail = detail };
}
