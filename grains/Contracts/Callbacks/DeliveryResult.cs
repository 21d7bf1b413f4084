namespace DeployCard.Contracts.Callbacks;

/// <summary>Result of a delivery: a response, a failure, or nothing if no request was sent.</summary>
[GenerateSerializer, Alias("callback-answer"), Immutable]
public sealed record DeliveryResult
{
    /// <summary>Whether a delivery was attempted; false if the delivery got no slot in time.</summary>
    [Id(0)]
    public bool WasAttempted { get; private init; }

    /// <summary>HTTP status code of the receiver's response; null if the receiver did not respond.</summary>
    [Id(1)]
    public int? StatusCode { get; private init; }

    /// <summary>Beginning of the response body, sanitized by <see cref="CallbackExcerpt"/>; null if the body is empty.</summary>
    [Id(2)]
    public string? Excerpt { get; private init; }

    /// <summary>
    /// Backoff that the receiver requested with <c>Retry-After</c>, not negative; null if the receiver requested no backoff.
    /// </summary>
    [Id(3)]
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>Reason why the callback was not delivered, in a sentence; null if it was delivered.</summary>
    [Id(4)]
    public string? Error { get; private init; }

    /// <summary>Creates the result of a delivery with a response, whatever its status.</summary>
    public static DeliveryResult FromResponse(int statusCode, string? excerpt = null, TimeSpan? retryAfter = null) =>
        new()
        {
            WasAttempted = true,
            StatusCode = statusCode,
            Excerpt = excerpt,
            RetryAfter = retryAfter,
            Error = statusCode switch
            {
                >= 200 and < 300 => null,
                >= 300 and < 400 =>
                    $"The receiver responded with {statusCode}. Redirects are not followed: use the target URL as X-Callback-Url.",
                _ => $"The receiver responded with {statusCode}.",
            },
        };

    /// <summary>Creates the result of a delivery without a response.</summary>
    public static DeliveryResult Failed(string error) => new() { WasAttempted = true, Error = error };

    /// <summary>Creates the result of a due delivery for which no request was sent. It does not count as a delivery.</summary>
    public static DeliveryResult NotAttempted(string reason) => new() { Error = reason };
}

/// <summary>A delivery that was made, or was due but got no slot.</summary>
/// <param name="StartedAt">Time when the delivery started, UTC.</param>
/// <param name="Duration">Time from the start to the result.</param>
/// <param name="Result">Result of the delivery.</param>
[GenerateSerializer, Alias("callback-try"), Immutable]
public sealed record DeliveryAttempt(
    [property: Id(0)] DateTimeOffset StartedAt,
    [property: Id(1)] TimeSpan Duration,
    [property: Id(2)] DeliveryResult Result
);
