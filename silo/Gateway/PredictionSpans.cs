using System.Diagnostics;
using DeployCard.Common.Telemetry;
using DeployCard.Contracts.Routing;

namespace DeployCard.Gateway;

/// <summary>
/// Trace spans of a prediction: one for the whole request, one for the wait for a pod, and one for each pod that gets the request. No spans
/// are created while tracing is off.
/// </summary>
internal static class PredictionSpans
{
    /// <summary>Serves a request within a span whose parent is the span of the caller, if the request names one.</summary>
    public static async Task ServeInSpan(HttpContext context, DeploymentGate gate, Func<HttpContext, DeploymentGate, Task> serve)
    {
        var headers = context.Request.Headers;
        using var span = Spans.Source.StartActivity(
            $"predict {gate.Name}",
            ActivityKind.Server,
            Spans.ParseContext(headers.TraceParent, headers.TraceState)
        );
        span?.SetTag("http.request.method", context.Request.Method)
            .SetTag("http.route", "/predict/{deployment}/{**path}")
            .SetTag("deploycard.deployment", gate.Name.Value);
        await serve(context, gate);
        if (span is null)
            return;
        span.SetTag("deploycard.request.id", context.Response.Headers[HeaderNames.RequestId].ToString())
            .SetTag("http.response.status_code", context.Response.StatusCode);
        if (context.Response.Headers.TryGetValue(HeaderNames.Error, out var code))
            span.SetTag("error.type", code.ToString());
        if (context.Response.StatusCode >= StatusCodes.Status500InternalServerError)
            span.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>Starts the span of a wait for a pod; returns null if tracing is off.</summary>
    public static Activity? StartWait() => Spans.IsEnabled ? Spans.Source.StartActivity("wait for a pod") : null;

    /// <summary>Records the outcome of a wait on its span. The caller disposes of the span.</summary>
    public static void EndWait(Activity? wait, Admission admission)
    {
        wait?.SetTag("deploycard.cold_start", admission.IsCold);
        if (admission.Problem is { } problem)
            wait?.SetTag("error.type", problem.Code).SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>Starts the span of forwarding a request to a pod; returns null if tracing is off.</summary>
    public static Activity? StartForward(PodDestination pod) =>
        Spans.IsEnabled
            ? Spans
                .Source.StartActivity("forward", ActivityKind.Client)
                ?.SetTag("deploycard.pod", pod.Pod.Name.Value)
                .SetTag("deploycard.revision", pod.Pod.Revision)
            : null;

    /// <summary>Records the status code of the pod's response on the span.</summary>
    public static void RecordStatus(Activity? forward, HttpResponseMessage response) =>
        forward?.SetTag(StatusTag, (int)response.StatusCode);

    /// <summary>
    /// Ends the span of a forwarded request. The span is an error if the pod sent no response or a status of 500 or above.
    /// </summary>
    public static void EndForward(Activity? forward)
    {
        if (forward is not null && forward.GetTagItem(StatusTag) is not int and not < 500)
            forward.SetStatus(ActivityStatusCode.Error);
        forward?.Dispose();
    }

    private const string StatusTag = "http.response.status_code";
}
