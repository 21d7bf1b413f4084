namespace DeployCard.Grains.AsyncCalls;

/// <summary>Where an asynchronous call is in its life.</summary>
public enum CallStatus
{
    /// <summary>Waits for its turn, runs, or pauses before its next attempt.</summary>
    Queued,

    /// <summary>The model answered; its answer can be fetched.</summary>
    Completed,

    /// <summary>It ended without an answer that counts; the error code says why.</summary>
    Error,
}

/// <summary>Why a call ended without an answer that counts.</summary>
public enum CallErrorCode
{
    /// <summary>Somebody canceled it.</summary>
    Canceled,

    /// <summary>No pod became ready within <c>X-Health-Timeout</c>, at every attempt.</summary>
    HealthTimeout,

    /// <summary>The last attempt took longer than <c>X-Request-Timeout</c>.</summary>
    RequestTimeout,

    /// <summary>Its whole life took longer than <c>X-Full-Live-Timeout</c>.</summary>
    Expired,

    /// <summary>Every attempt failed; the last one with a connection that broke or a pod that was lost.</summary>
    PodFailed,

    /// <summary>Every attempt failed; the last one with a status of 429 or 500 to 599.</summary>
    PodError,

    /// <summary>The answer was larger than allowed.</summary>
    ResultTooLarge,

    /// <summary>The deployment was deleted.</summary>
    DeploymentDeleted,
}
