using System.Collections.Concurrent;
using System.Net;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>Clients that each send one request after another until they are stopped.</summary>
internal sealed class SteadyRequests : IDisposable
{
    private readonly CancellationTokenSource end = new();
    private readonly ConcurrentQueue<HttpStatusCode> statuses = new();
    private readonly Task[] clients;

    public SteadyRequests(Func<Task<HttpResponseMessage>> send, int clients) =>
        this.clients = [.. Enumerable.Range(0, clients).Select(_ => SendRepeatedly(send))];

    /// <summary>Number of responses received so far.</summary>
    public int Count => statuses.Count;

    /// <summary>Waits until <paramref name="count"/> responses have been received in total.</summary>
    public Task WaitForCount(int count) =>
        Eventually.Get(() => Task.FromResult(Count), seen => seen >= count, TestContext.Current.CancellationToken);

    /// <summary>Stops the clients. Returns the status of every response.</summary>
    public async Task<IReadOnlyCollection<HttpStatusCode>> End()
    {
        await end.CancelAsync();
        await Task.WhenAll(clients);
        return statuses;
    }

    public void Dispose()
    {
        end.Cancel();
        end.Dispose();
    }

    private async Task SendRepeatedly(Func<Task<HttpResponseMessage>> send)
    {
        while (!end.IsCancellationRequested)
        {
            using var response = await send();
            statuses.Enqueue(response.StatusCode);
        }
    }
}
