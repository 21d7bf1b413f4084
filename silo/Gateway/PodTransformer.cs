using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.ObjectPool;
using Yarp.ReverseProxy.Forwarder;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// What changes on the way to a pod and back: the target, and what the client is told beside the pod's answer. One serves a request after
/// another: what it needs to know of a request is set at its beginning and forgotten at its end.
/// </summary>
internal sealed class PodTransformer(TimeProvider time) : HttpTransformer, IResettable, IDisposable
{
    private ReadOnlyMemory<char> target;
    private GateRoute? route;
    private Activity? span;

    /// <summary>Its time limits.</summary>
    public RequestClock Clock { get; } = new(time);

    /// <summary>Its count of what goes to the client.</summary>
    public AnswerCount Answer { get; } = new();

    /// <summary>A pod has the request from now on.</summary>
    public void Begin(ReadOnlyMemory<char> podTarget, GateRoute gateRoute, Activity? forward = null)
    {
        (target, route, span) = (podTarget, gateRoute, forward);
        Clock.Start(gateRoute.Route.Limits);
    }

    public bool TryReset()
    {
        PredictionSpans.End(span);
        (target, route, span) = (default, null, null);
        Clock.Stop();
        return true;
    }

    public void Dispose() => Clock.Dispose();

    public override ValueTask TransformRequestAsync(
        HttpContext httpContext,
        HttpRequestMessage proxyRequest,
        string destinationPrefix,
        CancellationToken cancellationToken
    )
    {
        // As the client wrote it: a pod may tell %2F from /.
        proxyRequest.RequestUri = new(
            string.Concat(destinationPrefix, target.Span),
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }
        );
        var copied = base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.Headers.Host = null;
        TraceContext.PassOn(httpContext.Request.Headers, proxyRequest);
        if (BodyKind.TakesTime(httpContext) && httpContext.Request.Body is SentBody body)
            PodMessages.SendAsItComes(proxyRequest, body);
        return copied;
    }

    public override ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext,
        HttpResponseMessage? proxyResponse,
        CancellationToken cancellationToken
    )
    {
        if (proxyResponse is null)
            return base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        PredictionSpans.Answered(span, proxyResponse);
        Clock.Answered(IsUpgrade(httpContext, proxyResponse));
        // A pod that tells the request's id itself: the client reads it once.
        if (proxyResponse.Headers.NonValidated.Contains(RequestId.Header))
            httpContext.Response.Headers.Remove(RequestId.Header);
        HopByHop.Withdraw(proxyResponse);
        if (route!.Cors is not null)
            Cors.Withdraw(proxyResponse);
        var isEventStream =
            proxyResponse.Content.Headers.NonValidated.TryGetValues("Content-Type", out var type) && IsEventStream(type.ToString());
        var answered = base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        // The forwarder's own watch over silence is as long as the limit of the first byte here.
        if (Forwarding.ClockKeepsStream(route.Route.Limits) && !IsUpgrade(httpContext, proxyResponse))
            proxyResponse.Content = new AnswerBody(proxyResponse.Content, Clock);
        return isEventStream ? BeginStream(answered, httpContext, cancellationToken) : answered;
    }

    private static bool IsEventStream(string type) => type.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);

    private static bool IsUpgrade(HttpContext context, HttpResponseMessage answer) =>
        answer.StatusCode is System.Net.HttpStatusCode.SwitchingProtocols
        || context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };

    /// <summary>
    /// A client that listens must learn at once that it is heard: by itself the head would go out with the first event. Other answers
    /// begin with their body, and a write for the head alone would cost each of them.
    /// </summary>
    private static async ValueTask<bool> BeginStream(ValueTask<bool> answered, HttpContext context, CancellationToken cancellationToken)
    {
        var goesOn = await answered;
        await context.Response.Body.FlushAsync(cancellationToken);
        return goesOn;
    }
}
