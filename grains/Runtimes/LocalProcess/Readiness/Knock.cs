using System.Net;
using System.Net.Sockets;

namespace DeployCard.Grains.Runtimes.LocalProcess.Readiness;

/// <summary>
/// Connects to a port where nobody may listen yet. A starting pod is tried up to hundreds of times a second, and an exception for each refusal
/// would cost more than the attempt itself.
/// </summary>
internal static class Knock
{
    /// <summary>Whether somebody listens there.</summary>
    public static async Task<bool> IsHeard(int port, CancellationToken cancellationToken)
    {
        using var connection = await On(port, cancellationToken);
        return connection is not null;
    }

    /// <summary>The connection, or null where none came about.</summary>
    public static async Task<Socket?> On(int port, CancellationToken cancellationToken)
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
