using System.Diagnostics;
using DeployCard.Grains.Telemetry;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>
/// The spans of a call after its acceptance, where somebody listens. Their parent is what the stored request names as its own: the span of the
/// acceptance, or the caller's; so they belong to the caller's trace however late they come.
/// </summary>
internal static class CallSpans
{
    /// <summary>The id of the trace that a call belongs to; null for none.</summary>
    public static string? TraceIdOf(IReadOnlyList<CallHeader> headers) =>
        ParentOf(headers) is var parent && parent == default ? null : parent.TraceId.ToHexString();

    /// <summary>An attempt begins; with it ends the time in the queue, or the pause after the attempt before.</summary>
    public static Activity? Attempt(AsyncCallState call, int number, string pod)
    {
        if (!Spans.AreOn)
            return null;
        var since = call.Attempts.Count > 1 && call.Attempts[^2].EndedAt is { } end ? end : call.CreatedAt;
        Start("queue", ActivityKind.Internal, call, since)?.SetTag("deploycard.attempt", number).Dispose();
        return Start("attempt", ActivityKind.Client, call)?.SetTag("deploycard.attempt", number).SetTag("deploycard.pod", pod);
    }

    /// <summary>The end of a call is told.</summary>
    public static Activity? Callback(AsyncCallState call) => Spans.AreOn ? Start("callback", ActivityKind.Client, call) : null;

    /// <summary>What came of an attempt.</summary>
    public static void End(Activity? attempt, PodAnswer answer)
    {
        if (answer.StatusCode is { } status)
            attempt?.SetTag("http.response.status_code", status);
        if (answer.Result is null)
            attempt?.SetTag("error.type", answer.ErrorCode?.ToString()).SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>What came of a delivery.</summary>
    public static void End(Activity? callback, Callbacks.CallbackAnswer answer)
    {
        if (answer.StatusCode is { } status)
            callback?.SetTag("http.response.status_code", status);
        if (answer.Error is { } error)
            callback?.SetStatus(ActivityStatusCode.Error, error);
    }

    private static Activity? Start(string name, ActivityKind kind, AsyncCallState call, DateTimeOffset since = default) =>
        Spans
            .Source.StartActivity(name, kind, ParentOf(call.Request.Headers), startTime: since)
            ?.SetTag("deploycard.deployment", call.Deployment)
            .SetTag("deploycard.call.id", call.Id);

    private static ActivityContext ParentOf(IReadOnlyList<CallHeader> headers)
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

        return Spans.ContextOf(parent, state);
    }
}
