using System.Net.WebSockets;

namespace DeployCard.GraphQL.Engine.Transport.Sockets;

/// <summary>
/// Sends and receives messages on a WebSocket, with one writer at a time, a size limit for received messages and a bounded close handshake.
/// </summary>
internal sealed class SocketConnection(
    WebSocket socket,
    int maxMessageBytes,
    TimeSpan closeTimeout,
    TimeProvider time,
    CancellationToken aborted
) : IAsyncDisposable
{
    private readonly Lock sync = new();
    private readonly SemaphoreSlim sending = new(1);
    private readonly CancellationTokenSource closing = CancellationTokenSource.CreateLinkedTokenSource(aborted);
    private readonly CancellationTokenSource aborting = CancellationTokenSource.CreateLinkedTokenSource(aborted);
    private readonly byte[] part = new byte[4096];
    private Task? closeTask;
    private ITimer? closeTimer;

    /// <summary>Token that is canceled as soon as either side closes the connection.</summary>
    public CancellationToken Closing => closing.Token;

    /// <summary>Returns the next message, or null if the connection has ended.</summary>
    public async Task<MemoryStream?> Receive()
    {
        try
        {
            while (true)
            {
                var (message, type) = await Read();
                if (type == WebSocketMessageType.Close)
                    return null;
                if (Closing.IsCancellationRequested)
                    continue; // the close frame is sent; only the client's close frame is awaited
                if (type == WebSocketMessageType.Text)
                    return message;
                await Close(CloseCode.InvalidMessage, "Only text messages are supported");
            }
        }
        catch (Exception failure) when (IsEnd(failure))
        {
            return null;
        }
    }

    /// <summary>
    /// Sends a message unless the connection is closing. Waiting here for a slow client is the backpressure on the subscription's source.
    /// Callers cannot cancel a send, because a partial message would corrupt the connection for all operations.
    /// </summary>
    public async Task Send(ReadOnlyMemory<byte> message)
    {
        try
        {
            await sending.WaitAsync(aborting.Token);
            try
            {
                if (!Closing.IsCancellationRequested)
                    await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, aborting.Token);
            }
            finally
            {
                sending.Release();
            }
        }
        catch (Exception failure) when (IsEnd(failure))
        {
            await closing.CancelAsync();
        }
    }

    /// <summary>Starts the close handshake; only the first call takes effect. Never throws.</summary>
    public Task Close(CloseCode code, string reason)
    {
        lock (sync)
            return closeTask ??= Task.Run(() => SendClose((WebSocketCloseStatus)code, reason));
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        if (closeTask is not null)
            await closeTask;
        if (closeTimer is not null)
            await closeTimer.DisposeAsync();
        closing.Dispose();
        aborting.Dispose();
        sending.Dispose();
    }

    private async Task<(MemoryStream Message, WebSocketMessageType Type)> Read()
    {
        var message = new MemoryStream();
        while (true)
        {
            var received = await socket.ReceiveAsync(part.AsMemory(), aborting.Token);
            if (received.MessageType == WebSocketMessageType.Close)
                await Close((CloseCode)(socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure), "");
            else if (message.Length + received.Count > maxMessageBytes)
                await Close(CloseCode.TooBig, "Message too large");
            else
                message.Write(part, 0, received.Count);
            if (!received.EndOfMessage)
                continue;
            message.Position = 0;
            return (message, received.MessageType);
        }
    }

    private async Task SendClose(WebSocketCloseStatus code, string reason)
    {
        closeTimer = time.CreateTimer(_ => aborting.Cancel(), null, closeTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            await closing.CancelAsync();
            await sending.WaitAsync(aborting.Token);
            try
            {
                await socket.CloseOutputAsync(code, reason, aborting.Token);
            }
            finally
            {
                sending.Release();
            }
        }
        catch (Exception failure) when (IsEnd(failure))
        {
            // The client has already disconnected.
        }
    }

    // A socket throws the last two if it is disposed, cannot send in its current state, or is given a close code that must not be sent.
    private static bool IsEnd(Exception failure) =>
        failure is WebSocketException or OperationCanceledException or IOException or InvalidOperationException or ArgumentException;
}
