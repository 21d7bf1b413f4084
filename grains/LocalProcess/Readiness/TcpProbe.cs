using System.Net;
using System.Net.Sockets;

namespace DeployCard.LocalProcess.Readiness;

/// <summary>
/// Connects to a port on which possibly no process listens yet. A starting pod is probed up to hundreds of times per second, and an
/// exception for each refused connection would cost more than the attempt.
/// </summary>
internal static class TcpProbe
{
    /// <summary>Whether a process listens on the port.</summary>
    public static async Task<bool> IsListening(int port, CancellationToken cancellationToken)
    {
        using var connection = await Connect(port, cancellationToken);
        return connection is not null;
    }

    /// <summary>Returns a connection to the port, or null if it cannot be established.</summary>
    public static async Task<Socket?> Connect(int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var attempt = new SocketAsyncEventArgs { RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, port) };
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        attempt.Completed += (_, _) => done.TrySetResult();
        if (socket.ConnectAsync(attempt))
        {
            await using var cancelling = cancellationToken.Register(() => Socket.CancelConnectAsync(attempt));
            await done.Task;
        }

        if (attempt.SocketError == SocketError.Success)
            return socket;

        socket.Dispose();
        return null;
    }
}
