using DeployCard.Grains.Callbacks;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>
/// What is stored of an asynchronous call. The catalog indexes <c>id</c>, <c>deployment</c>, <c>status</c>, <c>errorCode</c>,
/// <c>createdAt</c>, <c>endedAt</c> and <c>dueAt</c> of its JSON.
/// </summary>
public sealed class AsyncCallState
{
    /// <summary>The id; null before it is accepted and after it is gone.</summary>
    public string? Id { get; set; }

    /// <summary>The deployment that it is for.</summary>
    public string Deployment { get; set; } = "";

    /// <summary>Which of the deployments of that name it is for.</summary>
    public Guid DeploymentUid { get; set; }

    /// <summary>Where it is in its life.</summary>
    public CallStatus Status { get; set; }

    /// <summary>Why it ended without an answer that counts.</summary>
    public CallErrorCode? ErrorCode { get; set; }

    /// <summary>The error in a sentence.</summary>
    public string? ErrorMessage { get; set; }

    /// <summary>When it was accepted, UTC.</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When it ended, UTC.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>When something is due that nobody else sees to: while it is queued the end of its whole life, then its removal, or a callback that is due before. UTC.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>When it is removed, UTC; null while it is queued, and in calls that ended before this was stored: they have no callback, and it is <see cref="DueAt"/>.</summary>
    public DateTimeOffset? RemovedAt { get; set; }

    /// <summary>Before this it is not tried again, UTC.</summary>
    public DateTimeOffset? NextAttemptAt { get; set; }

    /// <summary>The request.</summary>
    public CallRequest Request { get; set; } = new("GET", "/", [], null);

    /// <summary>Its time limits.</summary>
    public CallLimits Limits { get; set; } = CallLimits.Default;

    /// <summary>The attempts so far, oldest first.</summary>
    public List<CallAttempt> Attempts { get; set; } = [];

    /// <summary>How many of them belong to earlier series, before the call was run again.</summary>
    public int SeriesStart { get; set; }

    /// <summary>The model's answer.</summary>
    public CallResult? Result { get; set; }

    /// <summary>How its end is told; null where nobody asked for that.</summary>
    public CallbackState? Callback { get; set; }
}
