using System.Collections.Concurrent;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Gateway.Load;

/// <summary>Clients that each send one request after the other until they are stopped, and record errors.</summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    private const int MaxMessages = 20;

    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<string> messages = new();
    private readonly HttpClient http;
    private readonly Uri url;
    private readonly Task clients;
    private long requests;
    private long errors;

    public SteadyLoad(Target target, string path, int count)
    {
        url = new(target.GetUrl(path));
        http = new(new SocketsHttpHandler { UseProxy = false });
        http.DefaultRequestHeaders.Add(Target.KeyHeader, target.Key);
        clients = Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(Send)));
    }

    public long Requests => Interlocked.Read(ref requests);

    public long Errors => Interlocked.Read(ref errors);

    /// <summary>Messages of the first 20 errors.</summary>
    public IReadOnlyCollection<string> ErrorMessages => messages;

    /// <summary>Stops the clients and waits until their requests in flight have completed.</summary>
    public async Task Stop()
    {
        await stop.CancelAsync();
        await clients;
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        http.Dispose();
        stop.Dispose();
    }

    private async Task Send()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var body = new ByteArrayContent(new byte[1024]);
                // Stopping must not abort a request in flight, because that would count as an error.
                using var response = await http.PostAsync(url, body, CancellationToken.None);
                var content = await response.Content.ReadAsStringAsync(CancellationToken.None);
                if (!response.IsSuccessStatusCode)
                    RecordError($"{(int)response.StatusCode} {content}");
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
            {
                RecordError(e.Message + (e.InnerException is { } inner ? $" ({inner.Message})" : ""));
            }

            Interlocked.Increment(ref requests);
        }
    }

    private void RecordError(string message)
    {
        Interlocked.Increment(ref errors);
        if (messages.Count < MaxMessages)
            messages.Enqueue(message);
    }
}
