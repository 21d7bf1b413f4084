using DeployCard.Grains.Callbacks;
using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>An asynchronous call as people see it, without its bodies.</summary>
[GenerateSerializer, Alias("call-view"), Immutable]
public sealed record CallView
{
    /// <summary>Its id.</summary>
    [Id(0)]
    public required CallId Id { get; init; }

    /// <summary>The deployment that it is for.</summary>
    [Id(1)]
    public required DeploymentName Deployment { get; init; }

    /// <summary>Where it is in its life.</summary>
    [Id(2)]
    public required CallStatus Status { get; init; }

    /// <summary>Why it ended without an answer that counts.</summary>
    [Id(3)]
    public CallErrorCode? ErrorCode { get; init; }

    /// <summary>The error in a sentence.</summary>
    [Id(4)]
    public string? ErrorMessage { get; init; }

    /// <summary>When it was accepted, UTC.</summary>
    [Id(5)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ended, UTC.</summary>
    [Id(6)]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When it is removed, UTC; null while it is queued.</summary>
    [Id(7)]
    public DateTimeOffset? PurgeAt { get; init; }

    /// <summary>Before this it is not tried again, UTC.</summary>
    [Id(8)]
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>The HTTP method.</summary>
    [Id(9)]
    public required string Method { get; init; }

    /// <summary>The path on the pod with its query.</summary>
    [Id(10)]
    public required string Path { get; init; }

    /// <summary>The attempts so far, oldest first.</summary>
    [Id(11)]
    public required IReadOnlyList<CallAttempt> Attempts { get; init; }

    /// <summary>The status code of the model's answer.</summary>
    [Id(12)]
    public int? ResultStatusCode { get; init; }

    /// <summary>Its time limits.</summary>
    [Id(13)]
    public required CallLimits Limits { get; init; }

    /// <summary>The length of the request's body in bytes.</summary>
    [Id(14)]
    public long RequestBytes { get; init; }

    /// <summary>How many of the attempts belong to earlier series, before the call was run again.</summary>
    [Id(15)]
    public int SeriesStart { get; init; }

    /// <summary>How its end is told; null where nobody asked for that.</summary>
    [Id(16)]
    public CallbackView? Callback { get; init; }

    /// <summary>The id of the trace that it belongs to, 32 hexadecimal digits; null for none.</summary>
    [Id(17)]
    public string? TraceId { get; init; }

    /// <summary>Whether its one final state is reached.</summary>
    public bool HasEnded => Status is not CallStatus.Queued;

    /// <summary>Since when an attempt runs, UTC; null when none does.</summary>
    public DateTimeOffset? RunningSince => Attempts is [.., { EndedAt: null } last] ? last.StartedAt : null;

    /// <summary>What is shown of a call that is stored so.</summary>
    internal static CallView Of(AsyncCallState state) =>
        new()
        {
            Id = CallId.TryParse(state.Id, out var id) ? id : throw new FormatException($"'{state.Id}' is no call id."),
            Deployment = DeploymentName.Parse(state.Deployment),
            Status = state.Status,
            ErrorCode = state.ErrorCode,
            ErrorMessage = state.ErrorMessage,
            CreatedAt = state.CreatedAt,
            EndedAt = state.EndedAt,
            PurgeAt = state.HasEnded ? state.PurgeAt : null,
            NextAttemptAt = state.NextAttemptAt,
            Method = state.Request.Method,
            Path = state.Request.Path,
            Attempts = state.Attempts,
            ResultStatusCode = state.Result?.StatusCode,
            Limits = state.Limits,
            RequestBytes = state.RequestBytes,
            SeriesStart = state.SeriesStart,
            Callback = state.Callback?.View(),
            TraceId = CallSpans.TraceIdOf(state.Request.Headers),
        };
}
