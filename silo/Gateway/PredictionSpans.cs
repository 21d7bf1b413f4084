using System.Diagnostics;
using DeployCard.Grains.Telemetry;

namespace DeployCard.Silo.Gateway;

/// <summary>The spans of a prediction, where somebody listens: the whole of it, the wait for a pod, and each pod that it is sent to.</summary>
internal static class PredictionSpans
{
    /// <summary>Serves a request within a span that is the child of its caller's.</summary>
    public static async Task Around(HttpContext context, DeploymentGate gate, Func<HttpContext, DeploymentGate, Task> serve)
    {
        var headers = context.Request.Headers;
        using var span = Spans.Source.StartActivity(
            $"predict {gate.Name}",
            ActivityKind.Server,
            Spans.ContextOf(headers.TraceParent, headers.TraceState)
        );
        span?.SetTag("http.request.method", context.Request.Method)
            .SetTag("http.route", "/predict/{deployment}/{**path}")
            .SetTag("deploycard.deployment", gate.Name.Value);
        await serve(context, gate);
        if (span is null)
            return;
        span.SetTag("deploycard.request.id", context.Response.Headers[RequestId.Header].ToString())
            .SetTag("http.response.status_code", context.Response.StatusCode);
        if (context.Response.Headers.TryGetValue(GatewayProblem.Header, out var code))
            span.SetTag("error.type", code.ToString());
        if (context.Response.StatusCode >= StatusCodes.Status500InternalServerError)
            span.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>A request waits for a pod.</summary>
    public static Activity? Wait() => Spans.AreOn ? Spans.Source.StartActivity("wait for a pod") : null;

    /// <summary>The wait is over.</summary>
    public static void End(Activity? wait, Admission admission)
    {
        wait?.SetTag("deploycard.cold_start", admission.IsCold);
        if (admission.Problem is { } problem)
            wait?.SetTag("error.type", problem.Code).SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>A pod has the request.</summary>
    public static Activity? Forward(PodSlot pod) =>
        Spans.AreOn
            ? Spans
                .Source.StartActivity("forward", ActivityKind.Client)
                ?.SetTag("deploycard.pod", pod.Pod.Name.Value)
                .SetTag("deploycard.revision", pod.Pod.Revision)
            : null;

    /// <summary>The pod has answered.</summary>
    public static void Answered(Activity? forward, HttpResponseMessage answer) => forward?.SetTag(StatusTag, (int)answer.StatusCode);

    /// <summary>The pod has the request no more; without an answer that was a failure.</summary>
    public static void End(Activity? forward)
    {
        if (forward is not null && forward.GetTagItem(StatusTag) is not int and not < 500)
            forward.SetStatus(ActivityStatusCode.Error);
        forward?.Dispose();
    }

    private const string StatusTag = "http.response.status_code";
}
