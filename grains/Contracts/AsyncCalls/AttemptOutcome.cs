namespace DeployCard.Contracts.AsyncCalls;

/// <summary>Outcome of an attempt: a response, a failure, or nothing if no attempt was made.</summary>
[GenerateSerializer, Alias("pod-answer"), Immutable]
public sealed record AttemptOutcome
{
    /// <summary>Final response of the model; null if the attempt failed or was not made.</summary>
    [Id(1)]
    public CallResult? Result { get; private init; }

    /// <summary>Reason for the failure; null if there is a response or no attempt was made.</summary>
    [Id(2)]
    public CallErrorCode? ErrorCode { get; private init; }

    /// <summary>Description of the failure, without a final period; null if there is a result.</summary>
    [Id(3)]
    public string? Detail { get; private init; }

    /// <summary>HTTP status code of the pod's response; null if the pod did not respond.</summary>
    [Id(4)]
    public int? StatusCode { get; private init; }

    /// <summary>Backoff that the pod requested with <c>Retry-After</c>; null if the pod requested no backoff.</summary>
    [Id(5)]
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>
    /// Whether a response with this status is retried: 429 or 500 and above. Any other status is the model's final response.
    /// </summary>
    public static bool IsRetryable(int status) => status is 429 or >= 500;

    /// <summary>Creates the outcome of an attempt with a final response.</summary>
    public static AttemptOutcome FromResponse(CallResult result) => new() { Result = result, StatusCode = result.StatusCode };

    /// <summary>Creates the outcome of an attempt whose response has a retryable status.</summary>
    /// <param name="status">Status code of the response: 429 or 500 to 599.</param>
    /// <param name="excerpt">Beginning of the response body as text; may be empty.</param>
    /// <param name="retryAfter">Backoff that the pod requested; null if the pod requested no backoff.</param>
    public static AttemptOutcome FromRetryableResponse(int status, string excerpt, TimeSpan? retryAfter) =>
        new()
        {
            ErrorCode = CallErrorCode.PodError,
            StatusCode = status,
            RetryAfter = retryAfter,
            Detail = excerpt.Length == 0 ? $"the pod responded with {status}" : $"the pod responded with {status}: {excerpt}",
        };

    /// <summary>Creates the outcome of a failed attempt.</summary>
    public static AttemptOutcome Failed(CallErrorCode code, string detail, int? status = null) =>
        new()
        {
            ErrorCode = code,
            Detail = detail,
            StatusCode = status,
        };

    /// <summary>
    /// Creates the outcome of an execution that made no attempt, because the deployment accepts no requests or the silo is stopping. This
    /// outcome does not count as an attempt.
    /// </summary>
    public static AttemptOutcome NotAttempted(string detail) => new() { Detail = detail };
}
