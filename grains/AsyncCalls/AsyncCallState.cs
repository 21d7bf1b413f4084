using System.Text.Json.Serialization;
using DeployCard.Grains.Callbacks;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>
/// What is stored of an asynchronous call. It is replaced as a whole, so that what could not be stored is not seen either. The catalog indexes
/// <c>id</c>, <c>deployment</c>, <c>status</c>, <c>errorCode</c>, <c>createdAt</c>, <c>endedAt</c>, <c>dueAt</c>, <c>requestBytes</c> and
/// <c>idempotencyKey</c> of its JSON.
/// </summary>
public sealed record AsyncCallState
{
    /// <summary>The id; null before it is accepted and after it is gone.</summary>
    public string? Id { get; init; }

    /// <summary>The deployment that it is for.</summary>
    public string Deployment { get; init; } = "";

    /// <summary>Which of the deployments of that name it is for.</summary>
    public Guid DeploymentUid { get; init; }

    /// <summary>Where it is in its life.</summary>
    public CallStatus Status { get; init; }

    /// <summary>Why it ended without an answer that counts.</summary>
    public CallErrorCode? ErrorCode { get; init; }

    /// <summary>The error in a sentence.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>When it was accepted, UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When something is due that nobody else sees to: while it is queued the end of its whole life, then its removal, or a callback that is due before. UTC.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>When it is removed, UTC; null while it is queued, and in calls that ended before this was stored: they have no callback, and it is <see cref="DueAt"/>.</summary>
    [JsonPropertyName("removedAt")]
    public DateTimeOffset? StoredPurgeAt { get; init; }

    /// <summary>Before this it is not tried again, UTC.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>The request.</summary>
    public CallRequest Request { get; init; } = new("GET", "/", [], null);

    /// <summary>The length of the request's body: what it takes of its queue's bound.</summary>
    public long RequestBytes { get; init; }

    /// <summary>The caller's name for the request, by which a repeated one is known; null where it gave none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The hash of the request that came with that name.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Its time limits.</summary>
    public CallLimits Limits { get; init; } = CallLimits.Default;

    /// <summary>The attempts so far, oldest first.</summary>
    public IReadOnlyList<CallAttempt> Attempts { get; init; } = [];

    /// <summary>How many of them belong to earlier series, before the call was run again.</summary>
    public int SeriesStart { get; init; }

    /// <summary>The model's answer.</summary>
    public CallResult? Result { get; init; }

    /// <summary>How its end is told; null where nobody asked for that.</summary>
    public CallbackState? Callback { get; init; }

    /// <summary>Whether its one final state is reached.</summary>
    [JsonIgnore]
    public bool HasEnded => Status is not CallStatus.Queued;

    /// <summary>When an ended call goes, whenever it was stored.</summary>
    [JsonIgnore]
    public DateTimeOffset? PurgeAt => StoredPurgeAt ?? DueAt;

    /// <summary>How many attempts of the present series count so far.</summary>
    [JsonIgnore]
    public int SeriesAttempts => Attempts.Skip(SeriesStart).Count(attempt => attempt.IsCounted);

    /// <summary>The attempt that goes on; null when none does.</summary>
    [JsonIgnore]
    public CallAttempt? OpenAttempt => Attempts is [.., { EndedAt: null } last] ? last : null;

    /// <summary>With its last attempt replaced.</summary>
    public AsyncCallState WithLast(CallAttempt attempt) => this with { Attempts = [.. Attempts.SkipLast(1), attempt] };

    /// <summary>Of an ended call: due when its callback is, or its removal, whichever comes first.</summary>
    public AsyncCallState WithDue() =>
        this with
        {
            StoredPurgeAt = PurgeAt,
            DueAt = Callback?.NextDeliveryAt is { } next && next < PurgeAt ? next : PurgeAt,
        };
}
