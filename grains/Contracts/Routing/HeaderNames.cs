namespace DeployCard.Contracts.Routing;

/// <summary>Names of the HTTP headers that the gateway defines. <c>docs/gateway.md</c> describes them.</summary>
public static class HeaderNames
{
    /// <summary>Request header with the API key of the deployment.</summary>
    public const string ApiKey = "X-API-Key";

    /// <summary>Request header that makes a prediction an asynchronous call: <c>true</c> or <c>false</c>.</summary>
    public const string AsyncRequest = "X-Async-Request";

    /// <summary>Request header with the maximum time in seconds that an attempt waits for a ready pod.</summary>
    public const string HealthTimeout = "X-Health-Timeout";

    /// <summary>Request header with the maximum duration in seconds of an attempt.</summary>
    public const string RequestTimeout = "X-Request-Timeout";

    /// <summary>Request header with the maximum time in seconds from the acceptance of a call to its end.</summary>
    public const string FullLiveTimeout = "X-Full-Live-Timeout";

    /// <summary>Request header with the time in seconds for which an ended call is kept.</summary>
    public const string Retention = "X-Retention";

    /// <summary>Request header with the URL that receives a webhook when the call ends.</summary>
    public const string CallbackUrl = "X-Callback-Url";

    /// <summary>Request header that identifies repetitions of a request.</summary>
    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary>Response header of a repeated request that got the call of the first one.</summary>
    public const string IdempotencyReplayed = "Idempotency-Replayed";

    /// <summary>Header with the id of a request, in both directions.</summary>
    public const string RequestId = "X-Request-Id";

    /// <summary>Response header with the code of an error of the gateway.</summary>
    public const string Error = "X-DeployCard-Error";

    /// <summary>Response header of a request that waited while no pod was ready.</summary>
    public const string ColdStart = "X-DeployCard-Cold-Start";

    /// <summary>Response header with the time in milliseconds that the request waited for a pod.</summary>
    public const string WaitedMs = "X-DeployCard-Waited-Ms";
}
