using System.Text.Json.Serialization;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Domain.Callbacks;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// Stored state of an asynchronous call. Every change replaces the whole record, so a change that could not be stored is never visible. The
/// catalog indexes the JSON members <c>id</c>, <c>deployment</c>, <c>status</c>, <c>errorCode</c>, <c>createdAt</c>, <c>endedAt</c>,
/// <c>dueAt</c>, <c>requestBytes</c> and <c>idempotencyKey</c>.
/// </summary>
public sealed record AsyncCallState
{
    /// <summary>Id of the call; null before the call is accepted and after it was removed.</summary>
    public string? Id { get; init; }

    /// <summary>Name of the deployment that executes the call.</summary>
    public string Deployment { get; init; } = "";

    /// <summary>Unique id of the deployment. A deployment that reuses the name of a deleted deployment has a different id.</summary>
    public Guid DeploymentUid { get; init; }

    /// <summary>Status of the call.</summary>
    public CallStatus Status { get; init; }

    /// <summary>Reason why the call ended without a result; null if it has not ended or has a result.</summary>
    public CallErrorCode? ErrorCode { get; init; }

    /// <summary>Description of the error; null if the call has not ended with an error.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Time when the call was accepted, UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Time when the call ended, UTC; null if it has not ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>
    /// Time at which the retention sweep next acts on the call, UTC. For a queued call, this is its expiry; null if the call never expires.
    /// For an ended call, this is its removal or its next callback delivery, whichever comes first.
    /// </summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>
    /// Stored time of the removal, UTC. Null while the call is queued, and for calls that ended before this property existed. Such calls
    /// have no callback, so their <see cref="DueAt"/> is the time of their removal.
    /// </summary>
    [JsonPropertyName("removedAt")]
    public DateTimeOffset? StoredPurgeAt { get; init; }

    /// <summary>Earliest time of the next attempt, UTC; null if no backoff is in progress.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>The request that every attempt sends to a pod.</summary>
    public CallRequest Request { get; init; } = new("GET", "/", [], null);

    /// <summary>Length of the request body in bytes, which counts toward the size limit of the queue.</summary>
    public long RequestBytes { get; init; }

    /// <summary>
    /// Value of <c>Idempotency-Key</c>, by which a repeated request is recognized; null if the request had no such header.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>
    /// Hash of the request, which a repetition with the same <see cref="IdempotencyKey"/> must match; null if the request had no key.
    /// </summary>
    public string? Fingerprint { get; init; }

    /// <summary>Time limits of the call.</summary>
    public CallLimits Limits { get; init; } = CallLimits.Default;

    /// <summary>All attempts of all series, oldest first.</summary>
    public IReadOnlyList<CallAttempt> Attempts { get; init; } = [];

    /// <summary>Number of attempts in earlier series, before the last manual retry of the call.</summary>
    public int SeriesStart { get; init; }

    /// <summary>Response of the model; null if the call has not completed.</summary>
    public CallResult? Result { get; init; }

    /// <summary>State of the callback; null if the caller requested none.</summary>
    public CallbackState? Callback { get; init; }

    /// <summary>Whether the call has reached its final state.</summary>
    [JsonIgnore]
    public bool HasEnded => Status is not CallStatus.Queued;

    /// <summary>Time when an ended call is removed, UTC, also for calls without <see cref="StoredPurgeAt"/>.</summary>
    [JsonIgnore]
    public DateTimeOffset? PurgeAt => StoredPurgeAt ?? DueAt;

    /// <summary>Number of attempts in the current series that count toward the retry limit.</summary>
    [JsonIgnore]
    public int CountedAttempts => Attempts.Skip(SeriesStart).Count(attempt => attempt.IsCounted);

    /// <summary>Attempt in progress; null if no attempt is in progress.</summary>
    [JsonIgnore]
    public CallAttempt? OpenAttempt => Attempts is [.., { EndedAt: null } last] ? last : null;

    /// <summary>Returns the state with the last attempt replaced by <paramref name="attempt"/>.</summary>
    public AsyncCallState WithLastAttempt(CallAttempt attempt) => this with { Attempts = [.. Attempts.SkipLast(1), attempt] };

    /// <summary>
    /// Returns the state of an ended call with <see cref="DueAt"/> set to its next callback delivery or its removal, whichever comes first.
    /// </summary>
    public AsyncCallState WithDueTime() =>
        this with
        {
            StoredPurgeAt = PurgeAt,
            DueAt = Callback?.NextDeliveryAt is { } next && next < PurgeAt ? next : PurgeAt,
        };
}
