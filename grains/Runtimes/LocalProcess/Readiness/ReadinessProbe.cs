using System.Net;

namespace DeployCard.Grains.Runtimes.LocalProcess.Readiness;

/// <summary>What a pod answered.</summary>
/// <param name="IsReady">With 2xx.</param>
/// <param name="IsHeard">At all.</param>
/// <param name="Said">In words, to follow the request's line.</param>
internal readonly record struct ProbeAnswer(bool IsReady, bool IsHeard, string Said);

/// <summary>Asks a pod whether it is ready.</summary>
internal sealed class ReadinessProbe : IDisposable
{
    // A server may take the connection and answer only once its model is loaded: hanging on is how we notice at once.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly HttpMessageInvoker client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false });

    public async Task<ProbeAnswer> Ask(Uri target, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        request.Headers.UserAgent.ParseAdd("DeployCard-Readiness");

        // A server with a single thread would wait on an idle connection of ours and serve nobody else.
        request.Headers.ConnectionClose = true;
        try
        {
            using var response = await client.SendAsync(request, limit.Token);
            return new(IsSuccess(response.StatusCode), true, $"answered {(int)response.StatusCode}");
        }
        catch (HttpRequestException e)
        {
            return new(false, e.HttpRequestError != HttpRequestError.ConnectionError, $"gave no answer: {e.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(false, true, $"gave no answer within {Patience.TotalSeconds} s");
        }
    }

    public void Dispose() => client.Dispose();

    private static bool IsSuccess(HttpStatusCode status) => (int)status is >= 200 and < 300;
}
