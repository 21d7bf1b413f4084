using System.Diagnostics;
using DeployCard.Contracts.Routing;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.ObjectPool;
using Yarp.ReverseProxy.Forwarder;

namespace DeployCard.Gateway;

/// <summary>
/// Transforms requests to pods and responses to clients for YARP's forwarder. Instances are pooled: the state of a request is set by
/// <see cref="Begin"/> and cleared by <see cref="TryReset"/>.
/// </summary>
internal sealed class PodTransformer(TimeProvider time) : HttpTransformer, IResettable, IDisposable
{
    private ReadOnlyMemory<char> target;
    private CompiledRoute? route;
    private Activity? span;

    /// <summary>Timeouts of the current request.</summary>
    public RequestTimeouts Timeouts { get; } = new(time);

    /// <summary>Counter of the response bytes sent to the client.</summary>
    public ResponseByteCounter ResponseCounter { get; } = new();

    /// <summary>Starts the transformation of a request and the request's timeouts.</summary>
    /// <param name="podTarget">Path and query for the pod.</param>
    /// <param name="gateRoute">Route of the deployment.</param>
    /// <param name="forward">Span of the forwarding, ended by <see cref="TryReset"/>; null if tracing is off.</param>
    public void Begin(ReadOnlyMemory<char> podTarget, CompiledRoute gateRoute, Activity? forward = null)
    {
        (target, route, span) = (podTarget, gateRoute, forward);
        Timeouts.Start(gateRoute.Route.Configuration);
    }

    public bool TryReset()
    {
        PredictionSpans.EndForward(span);
        (target, route, span) = (default, null, null);
        Timeouts.Stop();
        return true;
    }

    public void Dispose() => Timeouts.Dispose();

    public override ValueTask TransformRequestAsync(
        HttpContext httpContext,
        HttpRequestMessage proxyRequest,
        string destinationPrefix,
        CancellationToken cancellationToken
    )
    {
        // Keep the escaping of the client, because a pod may distinguish %2F from /.
        proxyRequest.RequestUri = new(
            string.Concat(destinationPrefix, target.Span),
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }
        );
        var copied = base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.Headers.Host = null;
        TraceContext.Propagate(httpContext.Request.Headers, proxyRequest);
        if (RequestBodyKind.IsLargeOrStreamed(httpContext) && httpContext.Request.Body is FlushOnIdleStream body)
            PodHttpHandler.SetStreamingBody(proxyRequest, body);
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
        PredictionSpans.RecordStatus(span, proxyResponse);
        Timeouts.OnResponseStarted(IsUpgrade(httpContext, proxyResponse));
        // If the pod sets the request id itself, drop the gateway's value, so that the header is not sent twice.
        if (proxyResponse.Headers.NonValidated.Contains(HeaderNames.RequestId))
            httpContext.Response.Headers.Remove(HeaderNames.RequestId);
        HopByHopHeaders.RemoveNamed(proxyResponse);
        if (route!.Cors is not null)
            Cors.RemoveHeaders(proxyResponse);
        var isEventStream =
            proxyResponse.Content.Headers.NonValidated.TryGetValues("Content-Type", out var type) && IsEventStream(type.ToString());
        var transformed = base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        // In this case the forwarder's activity timeout is longer than the stream idle timeout and cannot enforce it.
        if (ForwarderConfigs.NeedsStreamIdleTimer(route.Route.Configuration) && !IsUpgrade(httpContext, proxyResponse))
            proxyResponse.Content = new ResponseContent(proxyResponse.Content, Timeouts);
        return isEventStream ? StartStream(transformed, httpContext, cancellationToken) : transformed;
    }

    private static bool IsEventStream(string type) => type.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);

    private static bool IsUpgrade(HttpContext context, HttpResponseMessage response) =>
        response.StatusCode is System.Net.HttpStatusCode.SwitchingProtocols
        || context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };

    /// <summary>
    /// Sends the headers of an event stream immediately, so that the client knows that it is subscribed. Otherwise they would be sent with
    /// the first event. Other responses start with their body, and a separate write for the headers would make each of them more expensive.
    /// </summary>
    private static async ValueTask<bool> StartStream(ValueTask<bool> transformed, HttpContext context, CancellationToken cancellationToken)
    {
        var shouldProxyBody = await transformed;
        await context.Response.Body.FlushAsync(cancellationToken);
        return shouldProxyBody;
    }
}
