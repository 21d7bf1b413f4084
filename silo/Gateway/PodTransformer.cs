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
        if (KeyCheck.IsOurs("Authorization", httpContext.Request.Headers.Authorization.ToString()))
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

        return Default.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
    }
}
