namespace DeployCard.Gateway.Problems;

/// <summary>Reason why the gateway itself responds to a request with an error. <c>ProblemResponse</c> writes the response.</summary>
/// <param name="Error">Stable error code with the status of the HTTP response.</param>
/// <param name="Title">Short summary, the same for all occurrences of the problem.</param>
/// <param name="Detail">Explanation of this occurrence.</param>
/// <param name="RetryAfter">Delay to send in <c>Retry-After</c>; null if there is no such header.</param>
internal sealed record GatewayProblem(GatewayErrorCode Error, string Title, string Detail, TimeSpan? RetryAfter = null)
{
    /// <summary>End of the detail of a problem with a <see cref="RetryAfter"/>.</summary>
    public const string RetryAdvice = "Retry after the given delay.";

    /// <summary>Status code of the HTTP response.</summary>
    public int Status => Error.Status;

    /// <summary>Stable error code, such as <c>QUEUE_FULL</c>.</summary>
    public string Code => Error.Name;

    /// <summary>Whether the request was rejected for lack of capacity, so that more pods would have helped.</summary>
    public bool IsCapacityRejection =>
        Error == GatewayErrorCode.QueueFull || Error == GatewayErrorCode.AsyncQueueFull || Error == GatewayErrorCode.PodWaitTimeout;

    /// <summary>Status of a call that has no result, such as <c>QUEUED</c>; null for other problems.</summary>
    public string? CallStatusText { get; init; }

    /// <summary>Error code of a call that ended in an error; null for other calls and other problems.</summary>
    public string? CallErrorCodeText { get; init; }

    /// <summary>Complete length in bytes of a result whose requested range does not exist; null for other problems.</summary>
    public long? CompleteLength { get; init; }
}
