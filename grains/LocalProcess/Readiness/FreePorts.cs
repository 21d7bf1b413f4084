using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace DeployCard.LocalProcess.Readiness;

/// <summary>
/// Finds free ports of the loopback interface and leases each to one pod at a time. Another process can still take a leased port before
/// the pod listens on it; this is detected when the pod becomes ready (see <see cref="PortOwnership"/>).
/// </summary>
internal sealed class FreePorts
{
    private const int MaxAttempts = 1000;

    private readonly ConcurrentDictionary<int, bool> leased = new();

    /// <summary>Leases a free port until the lease is disposed.</summary>
    public Lease Reserve()
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (TryBind(0, out var port) && leased.TryAdd(port, true))
                return new(this, port);
        }

        throw new IOException($"No free TCP port was found on 127.0.0.1 in {MaxAttempts} attempts.");
    }

    /// <summary>Whether another socket uses the port.</summary>
    public static bool IsInUse(int port) => !TryBind(port, out _);

    private static bool TryBind(int wanted, out int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, wanted));
            port = ((IPEndPoint)socket.LocalEndPoint!).Port;
            return true;
        }
        catch (SocketException)
        {
            port = 0;
            return false;
        }
    }

    /// <summary>Lease of a port, which ends on disposal.</summary>
    internal sealed class Lease(FreePorts ports, int number) : IDisposable
    {
        public int Number => number;

        public Uri Address { get; } = new($"http://127.0.0.1:{number}/");

        public void Dispose() => ports.leased.TryRemove(number, out _);
    }
}
