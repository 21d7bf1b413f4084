using System.Net.WebSockets;

namespace DeployCard.GraphQL.Engine.Transport.Sockets;

/// <summary>Messages on a WebSocket: one writer at a time, a limit for what comes in, and an orderly end that takes little time.</summary>
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
    private readonly CancellationTokenSource cut = CancellationTokenSource.CreateLinkedTokenSource(aborted);
    private readonly byte[] part = new byte[4096];
    private Task? goodbye;
    private ITimer? patience;

    /// <summary>Set as soon as either side wants to end.</summary>
    public CancellationToken Closing => closing.Token;

    /// <summary>The next message; null when the connection has ended.</summary>
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
                    continue; // we have said goodbye and only wait for the answer
                if (type == WebSocketMessageType.Text)
                    return message;
                await Close(CloseCode.InvalidMessage, "Messages are text");
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
    public async Task Send(ReadOnlyMemory<byte> message)
    {
        try
        {
            await sending.WaitAsync(cut.Token);
            try
            {
                if (!Closing.IsCancellationRequested)
                    await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cut.Token);
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

    /// <summary>Ends the connection; the first reason counts. Never throws.</summary>
    public Task Close(CloseCode code, string reason)
    {
        lock (sync)
            return goodbye ??= Task.Run(() => SayGoodbye((WebSocketCloseStatus)code, reason));
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        if (goodbye is not null)
            await goodbye;
        if (patience is not null)
            await patience.DisposeAsync();
        closing.Dispose();
        cut.Dispose();
        sending.Dispose();
    }

    private async Task<(MemoryStream Message, WebSocketMessageType Type)> Read()
    {
        var message = new MemoryStream();
        while (true)
        {
            var received = await socket.ReceiveAsync(part.AsMemory(), cut.Token);
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

    private async Task SayGoodbye(WebSocketCloseStatus code, string reason)
    {
        patience = time.CreateTimer(_ => cut.Cancel(), null, closeTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            await closing.CancelAsync();
            await sending.WaitAsync(cut.Token);
            try
            {
                await socket.CloseOutputAsync(code, reason, cut.Token);
            }
            finally
            {
                sending.Release();
            }
        }
        catch (Exception failure) when (IsEnd(failure))
        {
            // The other side is gone already.
        }
    }

    // The last two are what a socket throws when it is disposed, or in no state to send, or is given a code that it may not send.
    private static bool IsEnd(Exception failure) =>
        failure is WebSocketException or OperationCanceledException or IOException or InvalidOperationException or ArgumentException;
}
