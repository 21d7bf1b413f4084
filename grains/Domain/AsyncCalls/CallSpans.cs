using System.Diagnostics;
using DeployCard.Common.Telemetry;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Callbacks;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// Creates the trace spans of a call after its acceptance, if any listener is registered. The parent of these spans is the trace context in
/// the stored request: the span of the acceptance, or the span of the caller. All spans therefore belong to the caller's trace, however
/// late they start.
/// </summary>
internal static class CallSpans
{
    /// <summary>Returns the id of the trace that a call belongs to; null if its request has no trace context.</summary>
    public static string? GetTraceId(IReadOnlyList<CallHeader> headers) =>
        GetParent(headers) is var parent && parent == default ? null : parent.TraceId.ToHexString();

    /// <summary>
    /// Starts the span of an attempt, and records a span for the time in the queue or the backoff after the previous attempt.
    /// </summary>
    public static Activity? StartAttempt(AsyncCallState call, int number, string pod)
    {
        if (!Spans.IsEnabled)
            return null;
        var since = call.Attempts.Count > 1 && call.Attempts[^2].EndedAt is { } end ? end : call.CreatedAt;
        Start("queue", ActivityKind.Internal, call, since)?.SetTag("deploycard.attempt", number).Dispose();
        return Start("attempt", ActivityKind.Client, call)?.SetTag("deploycard.attempt", number).SetTag("deploycard.pod", pod);
    }

    /// <summary>Starts the span of a callback delivery.</summary>
    public static Activity? StartCallback(AsyncCallState call) => Spans.IsEnabled ? Start("callback", ActivityKind.Client, call) : null;

    /// <summary>Adds the outcome of an attempt to its span.</summary>
    public static void SetOutcome(Activity? attempt, AttemptOutcome outcome)
    {
        if (outcome.StatusCode is { } status)
            attempt?.SetTag("http.response.status_code", status);
        if (outcome.Result is null)
            attempt?.SetTag("error.type", outcome.ErrorCode?.ToString()).SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>Adds the result of a delivery to its span.</summary>
    public static void SetOutcome(Activity? callback, DeliveryResult result)
    {
        if (result.StatusCode is { } status)
            callback?.SetTag("http.response.status_code", status);
        if (result.Error is { } error)
            callback?.SetStatus(ActivityStatusCode.Error, error);
    }

    private static Activity? Start(string name, ActivityKind kind, AsyncCallState call, DateTimeOffset since = default) =>
        Spans
            .Source.StartActivity(name, kind, GetParent(call.Request.Headers), startTime: since)
            ?.SetTag("deploycard.deployment", call.Deployment)
            .SetTag("deploycard.call.id", call.Id);

    private static ActivityContext GetParent(IReadOnlyList<CallHeader> headers)
    {
        string? parent = null,
            state = null;
        foreach (var (name, value) in headers)
        {
            if (name.Equals("traceparent", StringComparison.OrdinalIgnoreCase))
                parent = value;
            else if (name.Equals("tracestate", StringComparison.OrdinalIgnoreCase))
                state = value;
        }

        return Spans.ParseContext(parent, state);
    }
}
