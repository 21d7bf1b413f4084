using System.Net;
using System.Net.Sockets;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.LocalProcess.Readiness;

/// <summary>What a pod answered.</summary>
/// <param name="IsReady">With 2xx.</param>
/// <param name="IsHeard">It took the connection at least.</param>
/// <param name="Said">In words, to follow the request's line.</param>
internal sealed record ProbeAnswer(bool IsReady, bool IsHeard, string Said)
{
    public static ProbeAnswer None { get; } = new(false, false, "found nobody who listens there");
}

/// <summary>Whom to ask, and how.</summary>
/// <param name="Url">Where a pod says that it is ready.</param>
/// <param name="Protocol">What it speaks there.</param>
internal sealed record ProbeTarget(Uri Url, PodProtocol Protocol);

/// <summary>Asks a pod whether it is ready.</summary>
internal sealed class ReadinessProbe : IDisposable
{
    // A server may take the connection and answer only once its model is loaded: hanging on is how we notice at once.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly HttpRequestOptionsKey<Socket> Connection = new("connection");

    private readonly HttpMessageInvoker client = new(
        new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectCallback = (context, _) => ValueTask.FromResult<Stream>(new NetworkStream(Connected(context), ownsSocket: true)),
        }
    );

    public async Task<ProbeAnswer> Ask(ProbeTarget target, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        using var connection = await Knock.On(target.Url.Port, limit.Token);
        cancellationToken.ThrowIfCancellationRequested();
        return connection is null ? ProbeAnswer.None : await Ask(target, connection, limit.Token, cancellationToken);
    }

    public void Dispose() => client.Dispose();

    private async Task<ProbeAnswer> Ask(ProbeTarget target, Socket connection, CancellationToken limit, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, target.Url);
        request.Options.Set(Connection, connection);
        request.Headers.UserAgent.ParseAdd("DeployCard-Readiness");

        if (target.Protocol is PodProtocol.H2c)
            (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        else
            // A server with a single thread would wait on an idle connection of ours and serve nobody else.
            request.Headers.ConnectionClose = true;
        try
        {
            using var response = await client.SendAsync(request, limit);
            return new(IsSuccess(response.StatusCode), true, $"was answered with {(int)response.StatusCode}");
        }
        catch (HttpRequestException e)
        {
            return new(false, true, $"got no answer: {e.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(false, true, $"got no answer within {Patience.TotalSeconds} s");
        }
    }

    private static Socket Connected(SocketsHttpConnectionContext context) =>
        context.InitialRequestMessage.Options.TryGetValue(Connection, out var socket)
            ? socket
            : throw new InvalidOperationException("A readiness request came without its connection.");

    private static bool IsSuccess(HttpStatusCode status) => (int)status is >= 200 and < 300;
}
