namespace DeployCard.Contracts.AsyncCalls;

/// <summary>Status of an asynchronous call.</summary>
public enum CallStatus
{
    /// <summary>The call waits for execution, is running, or backs off before its next attempt.</summary>
    Queued,

    /// <summary>The model responded, and the result can be fetched.</summary>
    Completed,

    /// <summary>The call ended without a result; the error code has the reason.</summary>
    Error,
}

/// <summary>
/// Reason why an attempt failed, or why a call ended without a result. If all attempts of a call failed, the reason is that of the last
/// one.
/// </summary>
public enum CallErrorCode
{
    /// <summary>A user or an API client canceled the call.</summary>
    Canceled,

    /// <summary>No pod became ready within <c>X-Health-Timeout</c>.</summary>
    HealthTimeout,

    /// <summary>The attempt took longer than <c>X-Request-Timeout</c>.</summary>
    RequestTimeout,

    /// <summary>The call did not end within <c>X-Full-Live-Timeout</c>.</summary>
    Expired,

    /// <summary>The connection to the pod failed, or the pod or its silo was lost.</summary>
    PodFailed,

    /// <summary>The pod responded with status 429 or 500 to 599.</summary>
    PodError,

    /// <summary>The response body was larger than <c>AsyncCalls:MaxResultBytes</c>. The call is not retried.</summary>
    ResultTooLarge,

    /// <summary>The deployment was deleted.</summary>
    DeploymentDeleted,
}
