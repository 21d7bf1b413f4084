using System.Net.WebSockets;

namespace DeployCard.GraphQL.Engine.Transport.Sockets;

/// <summary>Messages on a WebSocket: one writer at a time, a limit for what comes in, and an orderly end that takes little time.</summary>
internal sealed class SocketConnection(
    WebSocket socket, int maxMessageBytes, TimeSpan closeTimeout, TimeProvider time, CancellationToken aborted) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _closing = CancellationTokenSource.CreateLinkedTokenSource(aborted);
    private readonly CancellationTokenSource _cut = CancellationTokenSource.CreateLinkedTokenSource(aborted);
    private readonly byte[] _part = new byte[4096];
    private Task? _goodbye;
    private ITimer? _patience;

    /// <summary>Set as soon as either side wants to end.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>The next message; null when the connection has ended.</summary>
    public async Task<MemoryStream?> ReceiveAsync()
    {
        try
        {
            while (true)
            {
                var (message, type) = await ReadAsync();
                if (type == WebSocketMessageType.Close) return null;
                if (Closing.IsCancellationRequested) continue; // we have said goodbye and only wait for the answer
                if (type == WebSocketMessageType.Text) return message;
                await CloseAsync(CloseCode.InvalidMessage, "Messages are text");
            }
        }
        catch (Exception failure) when (IsEnd(failure))
        {
            return null;
        }
    }

    /// <summary>
    /// Sends a message unless the connection ends. Waiting for a slow reader here is what holds a subscription's source back.
    /// No caller can cancel it: half a message would break the connection for all others.
    /// </summary>
    public async Task SendAsync(ReadOnlyMemory<byte> message)
    {
        try
        {
            await _sending.WaitAsync(_cut.Token);
            try
            {
                if (!Closing.IsCancellationRequested) await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, _cut.Token);
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception failure) when (IsEnd(failure))
        {
            await _closing.CancelAsync();
        }
    }

    /// <summary>Ends the connection; the first reason counts. Never throws.</summary>
    public Task CloseAsync(CloseCode code, string reason)
    {
        lock (_lock) return _goodbye ??= Task.Run(() => SayGoodbyeAsync((WebSocketCloseStatus)code, reason));
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        if (_goodbye is not null) await _goodbye;
        if (_patience is not null) await _patience.DisposeAsync();
        _closing.Dispose();
        _cut.Dispose();
        _sending.Dispose();
    }

    private async Task<(MemoryStream Message, WebSocketMessageType Type)> ReadAsync()
    {
        var message = new MemoryStream();
        while (true)
        {
            var part = await socket.ReceiveAsync(_part.AsMemory(), _cut.Token);
            if (part.MessageType == WebSocketMessageType.Close) await CloseAsync((CloseCode)(socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure), "");
            else if (message.Length + part.Count > maxMessageBytes) await CloseAsync(CloseCode.TooBig, "Message too large");
            else message.Write(_part, 0, part.Count);
            if (!part.EndOfMessage) continue;
            message.Position = 0;
            return (message, part.MessageType);
        }
    }

    private async Task SayGoodbyeAsync(WebSocketCloseStatus code, string reason)
    {
        _patience = time.CreateTimer(_ => _cut.Cancel(), null, closeTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            await _closing.CancelAsync();
            await _sending.WaitAsync(_cut.Token);
            try
            {
                await socket.CloseOutputAsync(code, reason, _cut.Token);
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception failure) when (IsEnd(failure))
        {
            // The other side is gone already.
        }
    }

    // The last two are what a socket throws when it is disposed, or in no state to send, or is given a code that it may not send.
    private static bool IsEnd(Exception failure)
        => failure is WebSocketException or OperationCanceledException or IOException or InvalidOperationException or ArgumentException;
}
