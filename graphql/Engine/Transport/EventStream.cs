using Microsoft.AspNetCore.Http;

namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>Writes server-sent events to one response, with periodic comments so that proxies do not close the idle connection.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private readonly HttpResponse response;
    private readonly SemaphoreSlim writing = new(1);
    private readonly CancellationTokenSource ending;
    private readonly Task keepingAlive;

    private EventStream(HttpResponse response, TimeProvider time, TimeSpan keepAlive, CancellationToken cancellationToken)
    {
        this.response = response;
        ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        keepingAlive = KeepAlive(time, keepAlive);
    }

    public static async Task<EventStream> Open(HttpContext http, TimeProvider time, TimeSpan keepAlive, CancellationToken cancellationToken)
    {
        http.Response.ContentType = ResponseMedia.Events.ContentType();
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no"; // otherwise nginx buffers events until its buffer is full
        await http.Response.Body.FlushAsync(cancellationToken);
        return new(http.Response, time, keepAlive, cancellationToken);
    }

    /// <param name="name">Event name: <c>next</c> or <c>complete</c>.</param>
    /// <param name="data">Event data, which must not contain line breaks.</param>
    public Task Send(string name, string data) => Write($"event: {name}\ndata: {data}\n\n", ending.Token);

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await keepingAlive;
        ending.Dispose();
        writing.Dispose();
    }

    private async Task Write(string text, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            await response.WriteAsync(text, cancellationToken);
            await response.Body.FlushAsync(cancellationToken);
        }
        finally
        {
            writing.Release();
        }
    }

    private async Task KeepAlive(TimeProvider time, TimeSpan every)
    {
        using var timer = new PeriodicTimer(every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ending.Token))
                await Write(":\n\n", ending.Token);
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException)
        {
            // The stream has ended or its client has disconnected; the sender detects that independently.
        }
    }
}
