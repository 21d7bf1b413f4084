using System.Collections.Concurrent;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Gateway.Load;

/// <summary>Clients that send one request after the other until they are told to end, and remember what went wrong.</summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    private const int MostReasons = 20;

    private readonly CancellationTokenSource end = new();
    private readonly ConcurrentQueue<string> reasons = new();
    private readonly HttpClient http;
    private readonly Uri url;
    private readonly Task clients;
    private long requests;
    private long errors;

    public SteadyLoad(Target target, string path, int count)
    {
        url = new(target.Url(path));
        http = new(new SocketsHttpHandler { UseProxy = false });
        http.DefaultRequestHeaders.Add(Target.KeyHeader, target.Key);
        clients = Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(Send)));
    }

    public long Requests => Interlocked.Read(ref requests);

    public long Errors => Interlocked.Read(ref errors);

    /// <summary>The first of them.</summary>
    public IReadOnlyCollection<string> Reasons => reasons;

    public async Task Stop()
    {
        await end.CancelAsync();
        await clients;
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        http.Dispose();
        end.Dispose();
    }

    private async Task Send()
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                using var body = new ByteArrayContent(new byte[1024]);
                // A request that was begun is seen to its end.
                using var response = await http.PostAsync(url, body, CancellationToken.None);
                var answer = await response.Content.ReadAsStringAsync(CancellationToken.None);
                if (!response.IsSuccessStatusCode)
                    Note($"{(int)response.StatusCode} {answer}");
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
            {
                Note(e.Message + (e.InnerException is { } inner ? $" ({inner.Message})" : ""));
            }

            Interlocked.Increment(ref requests);
        }
    }

    private void Note(string reason)
    {
        Interlocked.Increment(ref errors);
        if (reasons.Count < MostReasons)
            reasons.Enqueue(reason);
    }
}
