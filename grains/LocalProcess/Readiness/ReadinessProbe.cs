using System.Net;
using System.Net.Sockets;
using DeployCard.Contracts.Pods;

namespace DeployCard.LocalProcess.Readiness;

/// <summary>Result of a readiness probe.</summary>
/// <param name="IsReady">Whether the pod responded with status 2xx.</param>
/// <param name="IsListening">Whether the pod accepted the connection.</param>
/// <param name="Description">Description of the result, to be appended to the method and URL of the request.</param>
internal sealed record ProbeResult(bool IsReady, bool IsListening, string Description)
{
    public static ProbeResult NotListening { get; } = new(false, false, "failed because no process listens on the port");
}

/// <summary>Target of a readiness probe.</summary>
/// <param name="Url">URL of the readiness path of a pod.</param>
/// <param name="Protocol">Protocol that the pod speaks.</param>
internal sealed record ProbeTarget(Uri Url, PodProtocol Protocol);

/// <summary>Sends readiness probes to pods.</summary>
internal sealed class ReadinessProbe : IDisposable
{
    // A server may accept the connection and respond only when its model is loaded. With a
    // long timeout, the probe sees that response immediately and not only at the next attempt.
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);
    private static readonly HttpRequestOptionsKey<Socket> Connection = new("connection");

    private readonly HttpMessageInvoker client = new(
        new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectCallback = (context, _) => ValueTask.FromResult<Stream>(new NetworkStream(GetConnection(context), ownsSocket: true)),
        }
    );

    public async Task<ProbeResult> Check(ProbeTarget target, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(ProbeTimeout);
        using var connection = await TcpProbe.Connect(target.Url.Port, timeout.Token);
        cancellationToken.ThrowIfCancellationRequested();
        return connection is null ? ProbeResult.NotListening : await Send(target, connection, timeout.Token, cancellationToken);
    }

    public void Dispose() => client.Dispose();

    private async Task<ProbeResult> Send(
        ProbeTarget target,
        Socket connection,
        CancellationToken timeout,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, target.Url);
        request.Options.Set(Connection, connection);
        request.Headers.UserAgent.ParseAdd("DeployCard-Readiness");

        if (target.Protocol is PodProtocol.H2c)
            (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        else
            // A single-threaded server would wait for the next request on an idle connection and could not serve other clients.
            request.Headers.ConnectionClose = true;
        try
        {
            using var response = await client.SendAsync(request, timeout);
            return new(IsSuccess(response.StatusCode), true, $"returned status {(int)response.StatusCode}");
        }
        catch (HttpRequestException e)
        {
            return new(false, true, $"failed: {e.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(false, true, $"received no response within {ProbeTimeout.TotalSeconds} s");
        }
    }

    private static Socket GetConnection(SocketsHttpConnectionContext context) =>
        context.InitialRequestMessage.Options.TryGetValue(Connection, out var socket)
            ? socket
            : throw new InvalidOperationException("The readiness request has no connection.");

    private static bool IsSuccess(HttpStatusCode status) => (int)status is >= 200 and < 300;
}
