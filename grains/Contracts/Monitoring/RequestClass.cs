namespace DeployCard.Contracts.Monitoring;

/// <summary>The outcome of a synchronous request.</summary>
public enum RequestClass
{
    /// <summary>A pod returned a status below 400. Counted as <see cref="TrafficCounter.Succeeded"/>.</summary>
    Succeeded = TrafficCounter.Succeeded,

    /// <summary>A pod returned 400 to 499. Counted as <see cref="TrafficCounter.ClientErrors"/>.</summary>
    ClientError = TrafficCounter.ClientErrors,

    /// <summary>A pod returned 500 or more. Counted as <see cref="TrafficCounter.ServerErrors"/>.</summary>
    ServerError = TrafficCounter.ServerErrors,

    /// <summary>The gateway itself returned a status below 499. Counted as <see cref="TrafficCounter.Rejected"/>.</summary>
    Rejected = TrafficCounter.Rejected,

    /// <summary>The gateway itself returned 500 or more. Counted as <see cref="TrafficCounter.Failed"/>.</summary>
    Failed = TrafficCounter.Failed,

    /// <summary>The client canceled the request (499). Counted as <see cref="TrafficCounter.Canceled"/>.</summary>
    Canceled = TrafficCounter.Canceled,
}

/// <summary>Classifies requests by the status of the response.</summary>
public static class RequestClasses
{
    /// <summary>Status 499 of nginx (client closed request): the client canceled the request.</summary>
    private const int ClientClosedRequest = 499;

    /// <summary>Returns the class of a response from a pod.</summary>
    public static RequestClass ForPodResponse(int status) =>
        status < 400 ? RequestClass.Succeeded
        : status < 500 ? RequestClass.ClientError
        : RequestClass.ServerError;

    /// <summary>Returns the class of a response that the gateway itself created.</summary>
    public static RequestClass ForGatewayResponse(int status) =>
        status == ClientClosedRequest ? RequestClass.Canceled
        : status < 500 ? RequestClass.Rejected
        : RequestClass.Failed;

    /// <summary>
    /// Whether the latency of the class says how fast the deployment is. Rejections take no time, and clients cancel at arbitrary times.
    /// </summary>
    public static bool IsTimed(RequestClass requestClass) => requestClass is not (RequestClass.Rejected or RequestClass.Canceled);
}
