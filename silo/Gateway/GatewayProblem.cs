using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using DeployCard.Grains.AsyncCalls;

namespace DeployCard.Silo.Gateway;

/// <summary>An answer of ours instead of a pod's: problem details (RFC 9457) with a stable code, also in <c>X-DeployCard-Error</c>.</summary>
internal sealed record GatewayProblem(int Status, string Code, string Title, string Detail, TimeSpan? RetryAfter = null)
{
    /// <summary>The header field that names the code.</summary>
    public const string Header = "X-DeployCard-Error";

    /// <summary>The code of a wait for a pod that took too long.</summary>
    public const string NoPodInTimeCode = "POD_WAIT_TIMEOUT";

    /// <summary>The code of a queue that takes nobody more.</summary>
    public const string QueueFullCode = "QUEUE_FULL";

    /// <summary>The code of a queue of asynchronous calls that takes nobody more.</summary>
    private const string CallQueueFullCode = "ASYNC_QUEUE_FULL";

    private const string UseAsync = "For longer predictions use an asynchronous call: add 'X-Async-Request: true'.";

    public static readonly GatewayProblem KeyMissing = new(
        401,
        "KEY_MISSING",
        "A key is needed",
        "Send a key of this deployment in 'X-API-Key: …' or 'Authorization: Bearer …'."
    );

    public static readonly GatewayProblem KeyUnknown = new(
        401,
        "KEY_INVALID",
        "The key opens nothing",
        "The key is mistyped, was revoked or has expired, or never was."
    );

    public static readonly GatewayProblem KeyOfAnother = new(
        403,
        "KEY_FORBIDDEN",
        "The key opens another deployment",
        "The key is good, but not for this deployment."
    );

    public static readonly GatewayProblem AdministratorTokenNeeded = new(
        401,
        "UNAUTHENTICATED",
        "The administrator token is needed",
        "Send it in 'Authorization: Bearer …'."
    );

    public static readonly GatewayProblem ClientGone = new(499, "CLIENT_CLOSED_REQUEST", "The client went away", "The client ended the request.");

    public static readonly GatewayProblem PreconditionFailed = new(
        412,
        "PRECONDITION_FAILED",
        "It is not the result that the request asks for",
        "The result has another 'ETag' or date than 'If-Match' or 'If-Unmodified-Since' asks for."
    );

    /// <summary>Whether there would have been another answer with more pods.</summary>
    public bool IsForLackOfPods => Code is QueueFullCode or CallQueueFullCode or NoPodInTimeCode;

    /// <summary>The status of the call that has no result.</summary>
    public string? StatusOfCall { get; private init; }

    /// <summary>The code of the error in which it ended.</summary>
    public string? ErrorCodeOfCall { get; private init; }

    /// <summary>The length in bytes of what a range was asked of.</summary>
    public long? RangeLength { get; private init; }

    public static GatewayProblem NotFound(string deployment) =>
        new(404, "DEPLOYMENT_NOT_FOUND", "No such deployment", $"There is no deployment named '{deployment}'.");

    public static GatewayProblem Stopped(string deployment) =>
        new(
            409,
            "DEPLOYMENT_STOPPED",
            "The deployment is stopped",
            $"A person stopped '{deployment}'; it takes requests again when it is started."
        );

    public static GatewayProblem Deleted(string deployment) =>
        new(410, "DEPLOYMENT_DELETED", "The deployment was deleted", $"'{deployment}' was deleted.");

    public static GatewayProblem QueueFull(int length) =>
        new(503, QueueFullCode, "Too many requests wait", $"{length} requests wait for a pod already.", TimeSpan.FromSeconds(5));

    public static GatewayProblem NoPodInTime(TimeSpan waited) =>
        new(
            503,
            NoPodInTimeCode,
            "No pod in time",
            $"No pod was ready or free within {waited.TotalSeconds:0.#} s.",
            TimeSpan.FromSeconds(10)
        );

    public static GatewayProblem PodFailed(string reason, string? lastLine, TimeSpan pause) =>
        new(503, "POD_FAILED", "The pods cannot start", lastLine is null ? reason : $"{reason} Its last line: {lastLine}", pause);

    public static GatewayProblem PodBroke(string pod) =>
        new(502, "POD_CONNECTION_FAILED", "The pod broke off", $"Pod {pod} could not be reached or broke the connection off.");

    public static GatewayProblem FirstByteTimeout(TimeSpan limit) =>
        new(504, "FIRST_BYTE_TIMEOUT", "The pod took too long", $"No answer began within {limit.TotalSeconds:0.#} s. {UseAsync}");

    public static GatewayProblem RequestTimeout(TimeSpan limit) =>
        new(504, "REQUEST_TIMEOUT", "The pod took too long", $"No answer within {limit.TotalSeconds:0.#} s. {UseAsync}");

    public static GatewayProblem TooManyRequests(string of, double perSecond, int burst, TimeSpan pause) =>
        new(
            429,
            "TOO_MANY_REQUESTS",
            "Too many requests",
            $"The {of} lets {perSecond:0.##} requests/s through on average, {burst} at once.",
            pause
        );

    public static GatewayProblem BadRequest(int status, string why) =>
        status is 413 ? new(413, "BODY_TOO_LARGE", "The body is too large", why)
        : status is 408 ? new(408, "REQUEST_READ_TIMEOUT", "The request came too slowly", why)
        : new(400, "BAD_REQUEST", "The request is broken", why);

    public static GatewayProblem InvalidHeader(string header, string allowed, string given) =>
        new(400, "INVALID_HEADER", "A header is not valid", $"{header} must be {allowed}; '{Shorten(given)}' was given.");

    public static GatewayProblem InvalidParameter(string parameter, string allowed, string given) =>
        new(400, "INVALID_PARAMETER", "A query parameter is not valid", $"{parameter} must be {allowed}; '{Shorten(given)}' was given.");

    public static GatewayProblem WebhookSecretMissing(string deployment) =>
        new(
            400,
            "WEBHOOK_SECRET_MISSING",
            "There is nothing to sign a callback with",
            $"'{deployment}' has no webhook secret: make one by the GraphQL mutation createWebhookSecret, or leave {CallbackHeader.Name} out."
        );

    public static GatewayProblem BodyTooLarge(long most) =>
        new(413, "BODY_TOO_LARGE", "The body is too large", $"The body may have {most} bytes.");

    public static GatewayProblem CallQueueFull(QueueRefusal refusal) =>
        new(429, CallQueueFullCode, "The queue of calls is full", refusal.ToString(), TimeSpan.FromSeconds(10));

    public static GatewayProblem IdempotencyKeyReused(CallId id) =>
        new(
            422,
            "IDEMPOTENCY_KEY_REUSED",
            "The Idempotency-Key belongs to another request",
            $"Call {id} was accepted under this Idempotency-Key with another method, path, content type or body: a new request needs a new key."
        );

    public static GatewayProblem CallNotFound(string id) =>
        new(404, "CALL_NOT_FOUND", "No such call", $"There is no call '{Shorten(id)}'.");

    public static GatewayProblem CallExpired(string id) =>
        new(
            410,
            "CALL_EXPIRED",
            "The call is no longer kept",
            $"The retention of call '{Shorten(id)}' is over, or its deployment is gone."
        );

    public static GatewayProblem CallAlreadyEnded(string why) => new(409, "CALL_ALREADY_ENDED", "The call has ended", why);

    /// <summary>Of a call that is queued it says when to come again, of one that ended in an error by which code.</summary>
    public static GatewayProblem CallNotCompleted(CallView call, DateTimeOffset now)
    {
        var status = ToText(call.Status);
        var detail = call.ErrorMessage is null ? $"The call is {status}." : $"The call is {status}: {call.ErrorMessage}";
        var pause =
            call.Status is not CallStatus.Queued ? default(TimeSpan?)
            : call.NextAttemptAt is { } next && next > now ? next - now
            : TimeSpan.FromSeconds(1);
        return new(409, "CALL_NOT_COMPLETED", "The call has no result", detail, pause)
        {
            StatusOfCall = status,
            ErrorCodeOfCall = call.ErrorCode is { } code ? ToText(code) : null,
        };
    }

    public static GatewayProblem RangeNotSatisfiable(string range, long length) =>
        new(
            416,
            "RANGE_NOT_SATISFIABLE",
            "The result has no such part",
            $"The result has {length} bytes; '{Shorten(range)}' was asked for."
        )
        {
            RangeLength = length,
        };

    public static GatewayProblem StorageAway { get; } =
        new(
            503,
            "STORAGE_UNAVAILABLE",
            "The call could not be stored",
            "Nothing was accepted: the storage did not take the call. Try again.",
            TimeSpan.FromSeconds(5)
        );

    public static GatewayProblem SiloAway { get; } =
        new(
            503,
            "TEMPORARILY_UNAVAILABLE",
            "A silo went away",
            "The silo that holds it went away; another one takes over. Try again.",
            TimeSpan.FromSeconds(2)
        );

    public static GatewayProblem RouteUnread { get; } =
        new(503, "STORAGE_UNAVAILABLE", "The deployment could not be read", "The storage did not answer. Try again.", TimeSpan.FromSeconds(5));

    public static GatewayProblem LogsUnread { get; } =
        new(503, "STORAGE_UNAVAILABLE", "The log could not be read", "The storage did not answer. Try again.", TimeSpan.FromSeconds(5));

    public static GatewayProblem CallUnchanged { get; } =
        new(
            503,
            "STORAGE_UNAVAILABLE",
            "The call could not be read or changed",
            "The storage did not answer: what was stored of the call has not changed. Try again.",
            TimeSpan.FromSeconds(5)
        );

    public async Task Write(HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            context.Abort();
            return;
        }

        Forget(response.Headers);
        response.StatusCode = Status;
        // The forwarder takes everything out of an answer that broke, this too.
        var requestId = context.Request.Headers[RequestId.Header];
        response.Headers[RequestId.Header] = requestId;
        response.Headers[Header] = Code;
        if (Status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Bearer";
        if (RetryAfter is { } pause)
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(pause.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (RangeLength is { } length)
            response.Headers.ContentRange = $"bytes */{length}";
        var body = new Body(
            $"urn:deploycard:error:{Code}",
            Title,
            Status,
            Detail,
            Code,
            requestId.ToString(),
            StatusOfCall,
            ErrorCodeOfCall
        );
        await response.WriteAsJsonAsync(body, ProblemJson.Default.Body, "application/problem+json", context.RequestAborted);
    }

    /// <summary>Takes out what an answer of a pod that did not come to an end had set already; what the gateway itself says stays.</summary>
    private static void Forget(IHeaderDictionary headers)
    {
        foreach (var name in headers.Keys.Where(name => !IsOurs(name)).ToList())
            headers.Remove(name);
    }

    private static bool IsOurs(string header) =>
        header is RequestId.Header or "Vary" or WaitPreference.AppliedHeader or Answers.Waited or Answers.ColdStart
        || Cors.IsOurs(header)
        || header.StartsWith("RateLimit", StringComparison.Ordinal);

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";

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
