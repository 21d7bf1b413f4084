namespace DeployCard.Grains.Callbacks;

/// <summary>What came of one delivery: an answer, a failure, or nothing because it was not tried.</summary>
[GenerateSerializer, Alias("callback-answer"), Immutable]
public sealed record CallbackAnswer
{
    /// <summary>Whether the receiver may have seen it, or could not be reached; false where its turn did not come.</summary>
    [Id(0)]
    public bool WasTried { get; private init; }

    /// <summary>The receiver's status code; null when it did not answer.</summary>
    [Id(1)]
    public int? StatusCode { get; private init; }

    /// <summary>The beginning of its answer, made safe by <see cref="CallbackExcerpt"/>.</summary>
    [Id(2)]
    public string? Excerpt { get; private init; }

    /// <summary>How long the receiver asks to be left alone; not negative.</summary>
    [Id(3)]
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>Why it is not delivered, in a sentence; null when it is.</summary>
    [Id(4)]
    public string? Error { get; private init; }

    /// <summary>The receiver answered, with whatever status.</summary>
    public static CallbackAnswer Answered(int statusCode, string? excerpt = null, TimeSpan? retryAfter = null) =>
        new()
        {
            WasTried = true,
            StatusCode = statusCode,
            Excerpt = excerpt,
            RetryAfter = retryAfter,
            Error = statusCode switch
            {
                >= 200 and < 300 => null,
                >= 300 and < 400 =>
                    $"The receiver answered {statusCode}, a redirect, which is not followed: give the address that it leads to.",
                _ => $"The receiver answered {statusCode}.",
            },
        };

    /// <summary>The receiver did not answer.</summary>
    public static CallbackAnswer Failed(string error) => new() { WasTried = true, Error = error };

    /// <summary>It was not tried; it does not count.</summary>
    public static CallbackAnswer NotTried(string why) => new() { Error = why };
}

/// <summary>One delivery as it was made.</summary>
/// <param name="At">When it was begun, UTC.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Answer">What came of it.</param>
[GenerateSerializer, Alias("callback-try"), Immutable]
public sealed record CallbackTry(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] TimeSpan Duration,
    [property: Id(2)] CallbackAnswer Answer
);
