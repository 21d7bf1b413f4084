namespace DeployCard.Gateway.Problems;

/// <summary>
/// A stable error code of the gateway with the status of its responses. <c>docs/errors.md</c> is checked against these definitions.
/// </summary>
/// <param name="Name">Code that clients compare, such as <c>QUEUE_FULL</c>.</param>
/// <param name="Status">Status code of every HTTP response with this code.</param>
internal sealed record GatewayErrorCode(string Name, int Status)
{
    /// <summary>The pending asynchronous calls have reached <c>asyncQueueLength</c> or <c>asyncQueueBytes</c>.</summary>
    public static readonly GatewayErrorCode AsyncQueueFull = new("ASYNC_QUEUE_FULL", 429);

    /// <summary>The request is not valid HTTP.</summary>
    public static readonly GatewayErrorCode BadRequest = new("BAD_REQUEST", 400);

    /// <summary>The request body is larger than allowed.</summary>
    public static readonly GatewayErrorCode BodyTooLarge = new("BODY_TOO_LARGE", 413);

    /// <summary>The call has ended and can no longer be canceled.</summary>
    public static readonly GatewayErrorCode CallAlreadyEnded = new("CALL_ALREADY_ENDED", 409);

    /// <summary>The retention of the call has ended, or its deployment was deleted.</summary>
    public static readonly GatewayErrorCode CallExpired = new("CALL_EXPIRED", 410);

    /// <summary>The call has no result. The members <c>callStatus</c> and <c>errorCode</c> of the body contain the reason.</summary>
    public static readonly GatewayErrorCode CallNotCompleted = new("CALL_NOT_COMPLETED", 409);

    /// <summary>There is no asynchronous call with this id.</summary>
    public static readonly GatewayErrorCode CallNotFound = new("CALL_NOT_FOUND", 404);

    /// <summary>The client disconnected before the response was complete. Only logs and metrics show this code.</summary>
    public static readonly GatewayErrorCode ClientClosedRequest = new("CLIENT_CLOSED_REQUEST", 499);

    /// <summary>The deployment was deleted.</summary>
    public static readonly GatewayErrorCode DeploymentDeleted = new("DEPLOYMENT_DELETED", 410);

    /// <summary>There is no deployment with this name.</summary>
    public static readonly GatewayErrorCode DeploymentNotFound = new("DEPLOYMENT_NOT_FOUND", 404);

    /// <summary>A user stopped the deployment.</summary>
    public static readonly GatewayErrorCode DeploymentStopped = new("DEPLOYMENT_STOPPED", 409);

    /// <summary>The pod sent no response within <c>firstByteTimeout</c>.</summary>
    public static readonly GatewayErrorCode FirstByteTimeout = new("FIRST_BYTE_TIMEOUT", 504);

    /// <summary>The <c>Idempotency-Key</c> was used for a different request.</summary>
    public static readonly GatewayErrorCode IdempotencyKeyReused = new("IDEMPOTENCY_KEY_REUSED", 422);

    /// <summary>The value of a request header is invalid. The detail names the header and the allowed values.</summary>
    public static readonly GatewayErrorCode InvalidHeader = new("INVALID_HEADER", 400);

    /// <summary>The value of a query parameter is invalid. The detail names the parameter and the allowed values.</summary>
    public static readonly GatewayErrorCode InvalidParameter = new("INVALID_PARAMETER", 400);

    /// <summary>The API key belongs to another deployment.</summary>
    public static readonly GatewayErrorCode KeyForbidden = new("KEY_FORBIDDEN", 403);

    /// <summary>The API key is unknown, expired, revoked or mistyped.</summary>
    public static readonly GatewayErrorCode KeyInvalid = new("KEY_INVALID", 401);

    /// <summary>The request contains no API key.</summary>
    public static readonly GatewayErrorCode KeyMissing = new("KEY_MISSING", 401);

    /// <summary>The pod could not be reached, or its connection closed before the response was complete.</summary>
    public static readonly GatewayErrorCode PodConnectionFailed = new("POD_CONNECTION_FAILED", 502);

    /// <summary>The pods of the deployment cannot become ready.</summary>
    public static readonly GatewayErrorCode PodFailed = new("POD_FAILED", 503);

    /// <summary>No ready pod had a free slot within <c>queueTimeout</c>.</summary>
    public static readonly GatewayErrorCode PodWaitTimeout = new("POD_WAIT_TIMEOUT", 503);

    /// <summary>The result does not match <c>If-Match</c> or <c>If-Unmodified-Since</c>.</summary>
    public static readonly GatewayErrorCode PreconditionFailed = new("PRECONDITION_FAILED", 412);

    /// <summary>The number of synchronous requests that wait for a pod has reached <c>queueLength</c>.</summary>
    public static readonly GatewayErrorCode QueueFull = new("QUEUE_FULL", 503);

    /// <summary>The requested range lies outside the result.</summary>
    public static readonly GatewayErrorCode RangeNotSatisfiable = new("RANGE_NOT_SATISFIABLE", 416);

    /// <summary>The request arrived more slowly than <c>Gateway:MinDataRate</c> or <c>Gateway:HeaderTimeout</c> allow.</summary>
    public static readonly GatewayErrorCode RequestReadTimeout = new("REQUEST_READ_TIMEOUT", 408);

    /// <summary>The response was not complete within <c>requestTimeout</c>.</summary>
    public static readonly GatewayErrorCode RequestTimeout = new("REQUEST_TIMEOUT", 504);

    /// <summary>The database is unreachable or rejects the operation.</summary>
    public static readonly GatewayErrorCode StorageUnavailable = new("STORAGE_UNAVAILABLE", 503);

    /// <summary>The silo that handles the resource is being replaced.</summary>
    public static readonly GatewayErrorCode TemporarilyUnavailable = new("TEMPORARILY_UNAVAILABLE", 503);

    /// <summary>The rate limit of the key or of the deployment is exceeded.</summary>
    public static readonly GatewayErrorCode TooManyRequests = new("TOO_MANY_REQUESTS", 429);

    /// <summary>The administrator token is missing or wrong.</summary>
    public static readonly GatewayErrorCode Unauthenticated = new("UNAUTHENTICATED", 401);

    /// <summary>The request has <c>X-Callback-Url</c>, but the deployment has no webhook secret to sign callbacks with.</summary>
    public static readonly GatewayErrorCode WebhookSecretMissing = new("WEBHOOK_SECRET_MISSING", 400);
}
