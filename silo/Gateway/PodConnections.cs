using System.Collections.Concurrent;
using System.Net.Sockets;

namespace DeployCard.Gateway;

/// <summary>
/// Opens connections to pods and closes connections whose peer is unreachable. A node that crashes does not close its connections: TCP
/// would retransmit for about 15 minutes, and a client would wait for its response until the first-byte timeout.
/// </summary>
/// <remarks>
/// A slow pod differs from a vanished pod, because the operating system of a slow pod still acknowledges received data. This class
/// therefore checks for sent data that stays unacknowledged. While all sent data is acknowledged, TCP keep-alive probes the peer.
/// <c>TCP_USER_TIMEOUT</c> is unsuitable, because it also closes connections to pods that do not read for a while.
/// </remarks>
internal sealed class PodConnections : IDisposable
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Socket, byte> open = [];
    private readonly ITimer? timer;

    public PodConnections(TimeProvider time) =>
        timer = TcpRetransmits.IsSupported ? time.CreateTimer(_ => CloseUnreachable(), null, CheckInterval, CheckInterval) : null;

    /// <summary>Number of open connections that are checked; always 0 on systems other than Linux.</summary>
    public int Count => open.Count;

    /// <summary>Connects to a pod; a connect callback of <see cref="SocketsHttpHandler"/>.</summary>
    public async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // Detects a vanished peer of an idle connection after 8 s: 5 s of silence, then 3 unanswered probes, 1 s apart.
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

    private void CloseUnreachable()
    {
        foreach (var (socket, _) in open)
        {
            if (TcpRetransmits.IsPeerUnreachable(socket))
                socket.Dispose();
            if (socket.SafeHandle.IsClosed)
                open.TryRemove(socket, out _);
        }
    }
}
