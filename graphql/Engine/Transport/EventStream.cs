using Microsoft.AspNetCore.Http;

namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>Server-sent events on one response, with a comment now and then so that no proxy takes it for dead.</summary>
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
        http.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would wait for a full buffer
        await http.Response.Body.FlushAsync(cancellationToken);
        return new(http.Response, time, keepAlive, cancellationToken);
    }

    /// <param name="name">The kind of event.</param>
    /// <param name="data">On one line.</param>
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
            // The stream has ended, or its client is gone: the sender learns that by itself.
        }
    }
}
