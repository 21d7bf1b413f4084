using DeployCard.Common.Collections;
using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Names;

namespace DeployCard.Contracts.AsyncCalls;

/// <summary>An asynchronous call as APIs show it, without its bodies.</summary>
[GenerateSerializer, Alias("call-view"), Immutable]
public sealed record CallView
{
    /// <summary>Id of the call.</summary>
    [Id(0)]
    public required CallId Id { get; init; }

    /// <summary>Name of the deployment that executes the call.</summary>
    [Id(1)]
    public required DeploymentName Deployment { get; init; }

    /// <summary>Status of the call.</summary>
    [Id(2)]
    public required CallStatus Status { get; init; }

    /// <summary>Reason why the call ended without a result; null if it has not ended or has a result.</summary>
    [Id(3)]
    public CallErrorCode? ErrorCode { get; init; }

    /// <summary>Description of the error; null if the call has not ended with an error.</summary>
    [Id(4)]
    public string? ErrorMessage { get; init; }

    /// <summary>Time when the call was accepted, UTC.</summary>
    [Id(5)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Time when the call ended, UTC; null if it has not ended.</summary>
    [Id(6)]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Time when the call is purged, UTC; null while the call is queued.</summary>
    [Id(7)]
    public DateTimeOffset? PurgeAt { get; init; }

    /// <summary>Earliest time of the next attempt, UTC; null if no backoff is in progress.</summary>
    [Id(8)]
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>HTTP method of the request.</summary>
    [Id(9)]
    public required string Method { get; init; }

    /// <summary>Path and query on the pod.</summary>
    [Id(10)]
    public required string Path { get; init; }

    /// <summary>All attempts of all series, oldest first.</summary>
    [Id(11)]
    public required ValueList<CallAttempt> Attempts { get; init; }

    /// <summary>HTTP status code of the model's response; null if the call has not completed.</summary>
    [Id(12)]
    public int? ResultStatusCode { get; init; }

    /// <summary>Time limits of the call.</summary>
    [Id(13)]
    public required CallLimits Limits { get; init; }

    /// <summary>Length of the request body in bytes.</summary>
    [Id(14)]
    public long RequestBytes { get; init; }

    /// <summary>Number of attempts in earlier series, before the last manual retry of the call.</summary>
    [Id(15)]
    public int SeriesStart { get; init; }

    /// <summary>State of the callback; null if the caller requested none.</summary>
    [Id(16)]
    public CallbackView? Callback { get; init; }

    /// <summary>Id of the trace that the call belongs to, 32 hexadecimal digits; null if the request has no trace context.</summary>
    [Id(17)]
    public string? TraceId { get; init; }

    /// <summary>Whether the call has reached its final state.</summary>
    public bool HasEnded => Status is not CallStatus.Queued;

    /// <summary>Time when the running attempt started, UTC; null if no attempt is running.</summary>
    public DateTimeOffset? RunningSince => Attempts is [.., { EndedAt: null } last] ? last.StartedAt : null;
}
