using System.Collections.Concurrent;
using System.Net.Sockets;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// Opens connections to pods, and ends those at whose other end nobody is any more. A node that vanishes says no goodbye: the system would repeat
/// what was sent to it for a quarter of an hour, and who waits for the answer would wait for as long as the limit of its first byte lets him.
/// </summary>
/// <remarks>
/// A pod that only takes its time is told from one that is gone by its system, which confirms what came whatever the pod does. What was sent and is not
/// confirmed is looked after here; where nothing is unconfirmed, the system itself asks (keep-alive). The system's own bound for what is unconfirmed
/// (<c>TCP_USER_TIMEOUT</c>) does not fit: it ends connections to pods that do not read for a while, too.
/// </remarks>
internal sealed class PodConnections : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Socket, byte> open = [];
    private readonly ITimer? timer;

    public PodConnections(TimeProvider time) => timer = SentBytes.CanBeAsked ? time.CreateTimer(_ => EndLost(), null, Look, Look) : null;

    /// <summary>How many are looked after.</summary>
    public int Count => open.Count;

    public async ValueTask<Stream> Open(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // Gone after 8 s of silence in which nothing was owed to us.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 1);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        if (timer is not null)
            open[socket] = 0;
        return new NetworkStream(socket, ownsSocket: true);
    }

    public void Dispose() => timer?.Dispose();

    private void EndLost()
    {
        foreach (var (socket, _) in open)
        {
            if (SentBytes.AreLost(socket))
                socket.Dispose();
            if (socket.SafeHandle.IsClosed)
                open.TryRemove(socket, out _);
        }
    }
}
