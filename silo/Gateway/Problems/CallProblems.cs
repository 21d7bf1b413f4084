using System.Text.Json;
using DeployCard.Common.Text;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Routing;

namespace DeployCard.Gateway.Problems;

/// <summary>Problems of asynchronous calls and their results.</summary>
internal static class CallProblems
{
    public static readonly GatewayProblem PreconditionFailed = new(
        GatewayErrorCode.PreconditionFailed,
        "Precondition failed",
        "The result's ETag or date does not match If-Match or If-Unmodified-Since."
    );

    public static GatewayProblem QueueFull(QueueFull queue) =>
        new(GatewayErrorCode.AsyncQueueFull, "Async queue is full", queue.ToString(), TimeSpan.FromSeconds(10));

    public static GatewayProblem IdempotencyKeyReused(CallId id) =>
        new(
            GatewayErrorCode.IdempotencyKeyReused,
            "Idempotency-Key already used",
            $"Call '{id}' was accepted with this Idempotency-Key but a different method, path, content type or body. "
                + "Use a new key for a new request."
        );

    public static GatewayProblem WebhookSecretMissing(string deployment) =>
        new(
            GatewayErrorCode.WebhookSecretMissing,
            "Webhook secret missing",
            $"Deployment '{deployment}' has no webhook secret to sign callbacks with. "
                + $"Create one with the GraphQL mutation createWebhookSecret, or omit {HeaderNames.CallbackUrl}."
        );

    public static GatewayProblem NotFound(string id) =>
        new(GatewayErrorCode.CallNotFound, "Call not found", $"There is no call '{DisplayText.Shorten(id)}'.");

    public static GatewayProblem Expired(string id) =>
        new(
            GatewayErrorCode.CallExpired,
            "Call expired",
            $"Call '{DisplayText.Shorten(id)}' is no longer available: its retention has ended or its deployment was deleted."
        );

    public static GatewayProblem AlreadyEnded(string detail) => new(GatewayErrorCode.CallAlreadyEnded, "Call has ended", detail);

    /// <summary>
    /// Returns the problem of a call without a result. For a queued call it contains a retry delay: the time until the next attempt,
    /// otherwise 1 s. For a call that ended in an error it contains the error code.
    /// </summary>
    public static GatewayProblem NotCompleted(CallView call, DateTimeOffset now)
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

    private static string ToText<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseUpper.ConvertName(value.ToString());
}
