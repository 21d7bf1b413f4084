namespace DeployCard.Grains.AsyncCalls;

/// <summary>What came of one attempt: an answer, a failure, or nothing because it was not tried.</summary>
[GenerateSerializer, Alias("pod-answer"), Immutable]
public sealed record PodAnswer
{
    /// <summary>The pod that had it; null when none was ready.</summary>
    [Id(0)] public string? Pod { get; private init; }

    /// <summary>What the pod answered; null when it did not.</summary>
    [Id(1)] public CallResult? Result { get; private init; }

    /// <summary>Why it failed; null when it answered or was not tried.</summary>
    [Id(2)] public CallErrorCode? ErrorCode { get; private init; }

    /// <summary>The failure in a sentence.</summary>
    [Id(3)] public string? Detail { get; private init; }

    /// <summary>The pod answered, with whatever status.</summary>
    public static PodAnswer Answered(string pod, CallResult result) => new() { Pod = pod, Result = result };

    /// <summary>It failed.</summary>
    public static PodAnswer Failed(CallErrorCode code, string detail, string? pod = null) => new() { ErrorCode = code, Detail = detail, Pod = pod };

    /// <summary>It was not tried, because the deployment takes no requests or this silo ends; it does not count as an attempt.</summary>
    public static PodAnswer NotTried(string detail) => new() { Detail = detail };
}
