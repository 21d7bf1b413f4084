using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace DeployCard.Grains.Runtimes.LocalProcess.Readiness;

/// <summary>
/// Ports of the loopback interface that are free just now. Each is lent to one pod at a time; whether a stranger was quicker than the pod shows
/// only when it is ready (see <see cref="PortOwnership"/>).
/// </summary>
internal sealed class FreePorts
{
    private const int Attempts = 1000;

    private readonly ConcurrentDictionary<int, bool> lent = new();

    /// <summary>A free port; dispose of it to give it back.</summary>
    public Lease Take()
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (TryBind(0, out var port) && lent.TryAdd(port, true))
                return new(this, port);
        }

        throw new IOException("No TCP port of 127.0.0.1 is free.");
    }

    /// <summary>Whether somebody listens there.</summary>
    public static bool IsTaken(int port) => !TryBind(port, out _);

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

    /// <summary>A port that is lent.</summary>
    internal sealed class Lease(FreePorts ports, int number) : IDisposable
    {
        public int Number => number;

        public Uri Address { get; } = new($"http://127.0.0.1:{number}/");

        public void Dispose() => ports.lent.TryRemove(number, out _);
    }
}
