using System.Globalization;
using Yarp.ReverseProxy.Forwarder;

namespace DeployCard.Silo.Gateway;

/// <summary>What changes on the way to a pod and back: the target, our key, and what the client is told of a cold start.</summary>
internal sealed class PodTransformer(string target, TimeSpan waited, Action answered) : HttpTransformer
{
    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await Default.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        // As the client wrote it: a pod may tell %2F from /.
        proxyRequest.RequestUri = new Uri(destinationPrefix + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        proxyRequest.Headers.Host = null;
        proxyRequest.Headers.Remove(KeyCheck.KeyHeader);
        if (KeyCheck.IsOurs(httpContext.Request.Headers.Authorization))
            proxyRequest.Headers.Remove("Authorization");
    }

    public override ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is not null)
            answered();
        if (waited > TimeSpan.Zero)
        {
            httpContext.Response.Headers["X-DeployCard-Cold-Start"] = "true";
            httpContext.Response.Headers["X-DeployCard-Waited-Ms"] = ((long)waited.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        }

        return proxyResponse?.Content.Headers.ContentType?.MediaType is "text/event-stream"
            ? BeginStream(httpContext, proxyResponse, cancellationToken)
            : Default.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
    }

    /// <summary>
    /// A client that listens must learn at once that it is heard: by itself the head would go out with the first event. Other answers
    /// begin with their body, and a write for the head alone would cost each of them.
    /// </summary>
    private static async ValueTask<bool> BeginStream(HttpContext context, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var goesOn = await Default.TransformResponseAsync(context, answer, cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
        return goesOn;
    }
}
