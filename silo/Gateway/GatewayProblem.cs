using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using DeployCard.Common.Text;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Routing;

namespace DeployCard.Gateway;

/// <summary>
/// Error response of the gateway itself: problem details (RFC 9457) with a stable code, which <c>X-DeployCard-Error</c> repeats.
/// </summary>
/// <param name="Error">Stable error code with the status of the HTTP response.</param>
/// <param name="Title">Short summary, the same for all occurrences of the problem.</param>
/// <param name="Detail">Explanation of this occurrence.</param>
/// <param name="RetryAfter">Delay to send in <c>Retry-After</c>; null if there is no such header.</param>
internal sealed record GatewayProblem(GatewayErrorCode Error, string Title, string Detail, TimeSpan? RetryAfter = null)
{
    private const string Retry = "Retry after the given delay.";

    private const string UseAsync = "For longer predictions, use an asynchronous call: add the header 'X-Async-Request: true'.";

    public static readonly GatewayProblem KeyMissing = new(
        GatewayErrorCode.KeyMissing,
        "API key required",
        "Send an API key of this deployment in 'X-API-Key: …' or 'Authorization: Bearer …'."
    );

    public static readonly GatewayProblem KeyInvalid = new(
        GatewayErrorCode.KeyInvalid,
        "Invalid API key",
        "The key is unknown, expired, revoked or mistyped."
    );

    public static readonly GatewayProblem KeyForbidden = new(
        GatewayErrorCode.KeyForbidden,
        "API key not allowed",
        "The key is valid, but it belongs to another deployment."
    );

    public static readonly GatewayProblem Unauthenticated = new(
        GatewayErrorCode.Unauthenticated,
        "Administrator token required",
        "Send the administrator token in 'Authorization: Bearer …'."
    );

    public static readonly GatewayProblem ClientClosedRequest = new(
        GatewayErrorCode.ClientClosedRequest,
        "Client closed request",
        "The client disconnected before the response was complete."
    );

    public static readonly GatewayProblem PreconditionFailed = new(
        GatewayErrorCode.PreconditionFailed,
        "Precondition failed",
        "The result's ETag or date does not match If-Match or If-Unmodified-Since."
    );

    /// <summary>Status code of the HTTP response.</summary>
    public int Status => Error.Status;

    /// <summary>Stable error code, such as <c>QUEUE_FULL</c>.</summary>
    public string Code => Error.Name;

    /// <summary>Whether the request was rejected for lack of capacity, so that more pods would have helped.</summary>
    public bool IsCapacityRejection =>
        Error == GatewayErrorCode.QueueFull || Error == GatewayErrorCode.AsyncQueueFull || Error == GatewayErrorCode.PodWaitTimeout;

    /// <summary>Status of a call that has no result, such as <c>QUEUED</c>; null for other problems.</summary>
    public string? CallStatusText { get; private init; }

    /// <summary>Error code of a call that ended in an error; null for other calls and other problems.</summary>
    public string? CallErrorCodeText { get; private init; }

    /// <summary>Complete length in bytes of a result whose requested range does not exist; null for other problems.</summary>
    public long? CompleteLength { get; private init; }

    public static GatewayProblem DeploymentNotFound(string deployment) =>
        new(GatewayErrorCode.DeploymentNotFound, "Deployment not found", $"There is no deployment named '{deployment}'.");

    public static GatewayProblem DeploymentStopped(string deployment) =>
        new(
            GatewayErrorCode.DeploymentStopped,
            "Deployment is stopped",
            $"Deployment '{deployment}' is stopped and accepts requests again after a user starts it."
        );

    public static GatewayProblem DeploymentDeleted(string deployment) =>
        new(GatewayErrorCode.DeploymentDeleted, "Deployment was deleted", $"Deployment '{deployment}' was deleted.");

    public static GatewayProblem QueueFull(int length) =>
        new(
            GatewayErrorCode.QueueFull,
            "Request queue is full",
            $"The number of requests that wait for a pod has reached its limit; waiting: {length}. {Retry}",
            TimeSpan.FromSeconds(5)
        );

    public static GatewayProblem PodWaitTimeout(TimeSpan waited) =>
        new(
            GatewayErrorCode.PodWaitTimeout,
            "No pod available in time",
            $"No ready pod had a free slot within {waited.TotalSeconds:0.#} s. {Retry}",
            TimeSpan.FromSeconds(10)
        );

    public static GatewayProblem PodFailed(string reason, string? lastLine, TimeSpan retryAfter) =>
        new(GatewayErrorCode.PodFailed, "Pods cannot start", lastLine is null ? reason : $"{reason} Last log line: {lastLine}", retryAfter);

    public static GatewayProblem PodConnectionFailed(string pod) =>
        new(
            GatewayErrorCode.PodConnectionFailed,
            "Pod connection failed",
            $"Pod '{pod}' could not be reached, or its connection closed before the response was complete."
        );

    public static GatewayProblem FirstByteTimeout(TimeSpan limit) =>
        new(
            GatewayErrorCode.FirstByteTimeout,
            "Pod did not respond in time",
            $"The pod sent no response within {limit.TotalSeconds:0.#} s. {UseAsync}"
        );

    public static GatewayProblem RequestTimeout(TimeSpan limit) =>
        new(
            GatewayErrorCode.RequestTimeout,
            "Request timed out",
            $"The response was not complete within {limit.TotalSeconds:0.#} s. {UseAsync}"
        );

    public static GatewayProblem TooManyRequests(string scope, double perSecond, int burst, TimeSpan retryAfter) =>
        new(
            GatewayErrorCode.TooManyRequests,
            "Too many requests",
            $"The rate limit of this {scope} is {perSecond:0.##} requests/s on average, with bursts of up to {burst}. {Retry}",
            retryAfter
        );

    public static GatewayProblem BadRequest(int status, string detail) =>
        status is 413 ? new(GatewayErrorCode.BodyTooLarge, "Request body too large", detail)
        : status is 408 ? new(GatewayErrorCode.RequestReadTimeout, "Request arrived too slowly", detail)
        : new(GatewayErrorCode.BadRequest, "Malformed request", detail);

    public static GatewayProblem InvalidHeader(string header, string allowed, string given) =>
        new(GatewayErrorCode.InvalidHeader, "Invalid header", $"{header} must be {allowed}; got '{DisplayText.Shorten(given)}'.");

    public static GatewayProblem InvalidParameter(string parameter, string allowed, string given) =>
        new(
            GatewayErrorCode.InvalidParameter,
            "Invalid query parameter",
            $"{parameter} must be {allowed}; got '{DisplayText.Shorten(given)}'."
        );

    public static GatewayProblem WebhookSecretMissing(string deployment) =>
        new(
            GatewayErrorCode.WebhookSecretMissing,
            "Webhook secret missing",
            $"Deployment '{deployment}' has no webhook secret to sign callbacks with. "
                + $"Create one with the GraphQL mutation createWebhookSecret, or omit {HeaderNames.CallbackUrl}."
        );

    public static GatewayProblem BodyTooLarge(long maxBytes) =>
        new(GatewayErrorCode.BodyTooLarge, "Request body too large", $"The request body must be at most {maxBytes} bytes.");

    public static GatewayProblem AsyncQueueFull(QueueFull queue) =>
        new(GatewayErrorCode.AsyncQueueFull, "Async queue is full", queue.ToString(), TimeSpan.FromSeconds(10));

    public static GatewayProblem IdempotencyKeyReused(CallId id) =>
        new(
            GatewayErrorCode.IdempotencyKeyReused,
            "Idempotency-Key already used",
            $"Call '{id}' was accepted with this Idempotency-Key but a different method, path, content type or body. "
                + "Use a new key for a new request."
        );

    public static GatewayProblem CallNotFound(string id) =>
        new(GatewayErrorCode.CallNotFound, "Call not found", $"There is no call '{DisplayText.Shorten(id)}'.");

    public static GatewayProblem CallExpired(string id) =>
        new(
            GatewayErrorCode.CallExpired,
            "Call expired",
            $"Call '{DisplayText.Shorten(id)}' is no longer available: its retention has ended or its deployment was deleted."
        );

    public static GatewayProblem CallAlreadyEnded(string detail) => new(GatewayErrorCode.CallAlreadyEnded, "Call has ended", detail);

    /// <summary>
    /// Returns the problem of a call without a result. For a queued call it contains a retry delay: the time until the next attempt,
    /// otherwise 1 s. For a call that ended in an error it contains the error code.
    /// </summary>
    public static GatewayProblem CallNotCompleted(CallView call, DateTimeOffset now)
    {
        var status = ToText(call.Status);
        var detail = call.ErrorMessage is null ? $"The call's status is {status}." : $"The call's status is {status}: {call.ErrorMessage}";
        var retryAfter =
            call.Status is not CallStatus.Queued ? default(TimeSpan?)
            : call.NextAttemptAt is { } next && next > now ? next - now
            : TimeSpan.FromSeconds(1);
        return new(GatewayErrorCode.CallNotCompleted, "Call has no result", detail, retryAfter)
        {
            CallStatusText = status,
            CallErrorCodeText = call.ErrorCode is { } code ? ToText(code) : null,
        };
    }

    public static GatewayProblem RangeNotSatisfiable(string range, long length) =>
        new(
            GatewayErrorCode.RangeNotSatisfiable,
            "Range not satisfiable",
            $"The result has {length} bytes; the requested range is '{DisplayText.Shorten(range)}'."
        )
        {
            CompleteLength = length,
        };

    public static GatewayProblem StorageUnavailable { get; } =
        new(
            GatewayErrorCode.StorageUnavailable,
            "Storage unavailable",
            "Storing the call failed. Retry after the given delay; use an Idempotency-Key to avoid duplicates.",
            TimeSpan.FromSeconds(5)
        );

    public static GatewayProblem TemporarilyUnavailable { get; } =
        new(
            GatewayErrorCode.TemporarilyUnavailable,
            "Temporarily unavailable",
            $"The server handling this resource is being replaced. {Retry}",
            TimeSpan.FromSeconds(2)
        );

    public static GatewayProblem RouteUnavailable { get; } =
        new(
            GatewayErrorCode.StorageUnavailable,
            "Storage unavailable",
            $"The deployment could not be read. {Retry}",
            TimeSpan.FromSeconds(5)
        );

    public static GatewayProblem LogUnavailable { get; } =
        new(GatewayErrorCode.StorageUnavailable, "Storage unavailable", $"The log could not be read. {Retry}", TimeSpan.FromSeconds(5));

    public static GatewayProblem CallUnavailable { get; } =
        new(
            GatewayErrorCode.StorageUnavailable,
            "Storage unavailable",
            $"The call could not be read or changed. {Retry}",
            TimeSpan.FromSeconds(5)
        );

    /// <summary>Writes the problem as the response. If the response has already started, aborts the connection instead.</summary>
    public async Task Write(HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            context.Abort();
            return;
        }

        RemovePodHeaders(response.Headers);
        response.StatusCode = Status;
        // Set again, because the forwarder clears all headers of a response that failed.
        var requestId = context.Request.Headers[HeaderNames.RequestId];
        response.Headers[HeaderNames.RequestId] = requestId;
        response.Headers[HeaderNames.Error] = Code;
        if (Status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Bearer";
        if (RetryAfter is { } delay)
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (CompleteLength is { } length)
            response.Headers.ContentRange = $"bytes */{length}";
        var body = new Body(
            $"urn:deploycard:error:{Code}",
            Title,
            Status,
            Detail,
            Code,
            requestId.ToString(),
            CallStatusText,
            CallErrorCodeText
        );
        await response.WriteAsJsonAsync(body, ProblemJson.Default.Body, "application/problem+json", context.RequestAborted);
    }

    /// <summary>Removes the headers of an incomplete pod response. Headers set by the gateway stay.</summary>
    private static void RemovePodHeaders(IHeaderDictionary headers)
    {
        foreach (var name in headers.Keys.Where(name => !IsGatewayHeader(name)).ToList())
            headers.Remove(name);
    }

    private static bool IsGatewayHeader(string header) =>
        header is HeaderNames.RequestId or "Vary" or WaitPreference.AppliedHeader or HeaderNames.WaitedMs or HeaderNames.ColdStart
        || Cors.IsCorsHeader(header)
        || header.StartsWith("RateLimit", StringComparison.Ordinal);

    private static string ToText<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseUpper.ConvertName(value.ToString());

    internal sealed record Body(
        string Type,
        string Title,
        int Status,
        string Detail,
        string Code,
        string RequestId,
        string? CallStatus,
        string? ErrorCode
    );
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(GatewayProblem.Body))]
internal sealed partial class ProblemJson : JsonSerializerContext;
