using Microsoft.AspNetCore.Http;

namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>Server-sent events on one response, with a comment now and then so that no proxy takes it for dead.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private readonly HttpResponse _response;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _ending;
    private readonly Task _keepingAlive;

    private EventStream(HttpResponse response, TimeProvider time, TimeSpan keepAlive, CancellationToken cancellationToken)
    {
        _response = response;
        _ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _keepingAlive = KeepAliveAsync(time, keepAlive);
    }

    public static async Task<EventStream> OpenAsync(HttpContext http, TimeProvider time, TimeSpan keepAlive, CancellationToken cancellationToken)
    {
        http.Response.ContentType = ResponseMedia.Events.ContentType();
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would wait for a full buffer
        await http.Response.Body.FlushAsync(cancellationToken);
        return new(http.Response, time, keepAlive, cancellationToken);
    }

    /// <param name="name">The kind of event.</param>
    /// <param name="data">On one line.</param>
    public Task SendAsync(string name, string data) => WriteAsync($"event: {name}\ndata: {data}\n\n", _ending.Token);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _keepingAlive;
        _ending.Dispose();
        _writing.Dispose();
    }

    private async Task WriteAsync(string text, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await _response.WriteAsync(text, cancellationToken);
            await _response.Body.FlushAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task KeepAliveAsync(TimeProvider time, TimeSpan every)
    {
        using var timer = new PeriodicTimer(every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token)) await WriteAsync(":\n\n", _ending.Token);
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException)
        {
            // The stream has ended, or its client is gone: the sender learns that by itself.
        }
    }
}
