using System.Collections.Concurrent;
using System.Net;

namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>Some clients that send one request after another until they are told to end.</summary>
internal sealed class SteadyRequests : IDisposable
{
    private readonly CancellationTokenSource end = new();
    private readonly ConcurrentQueue<HttpStatusCode> statuses = new();
    private readonly Task[] clients;

    public SteadyRequests(Func<Task<HttpResponseMessage>> send, int clients) =>
        this.clients = [.. Enumerable.Range(0, clients).Select(_ => Keep(send))];

    /// <summary>Answers so far.</summary>
    public int Count => statuses.Count;

    /// <summary>Waits until there are so many answers.</summary>
    public Task Reach(int count) =>
        Eventually.Get(() => Task.FromResult(Count), seen => seen >= count, TestContext.Current.CancellationToken);

    /// <summary>Ends them. Returns the status of every answer.</summary>
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

    private async Task Keep(Func<Task<HttpResponseMessage>> send)
    {
        while (!end.IsCancellationRequested)
        {
            using var response = await send();
            statuses.Enqueue(response.StatusCode);
        }
    }
}
