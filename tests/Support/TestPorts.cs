using System.Net;
using System.Net.Sockets;

namespace DeployCard.Tests.Support;

/// <summary>
/// Ports for servers that a test starts later. The ports are below the range that the operating system assigns dynamically, also to client
/// connections, and each test process has its own range. A port that is merely free now could be taken before the server listens on it.
/// </summary>
public static class TestPorts
{
    private const int First = 20_000;
    private const int Processes = 64;
    private const int PortsEach = 190;

    private static readonly int Begin = First + (Environment.ProcessId % Processes * PortsEach);
    private static int last = Random.Shared.Next(PortsEach);

    /// <summary>Returns a port without a listener. The same port is returned again only after many other ports.</summary>
    public static int FindFree()
    {
        for (var tries = 0; tries < PortsEach; tries++)
        {
            var port = Begin + (int)((uint)Interlocked.Increment(ref last) % PortsEach);
            if (IsFree(IPAddress.Loopback, port) && IsFree(IPAddress.IPv6Loopback, port))
                return port;
        }

        throw new InvalidOperationException($"None of the ports {Begin} to {Begin + PortsEach - 1} is free.");
    }

    private static bool IsFree(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse)
        {
            return false;
        }
        catch (SocketException)
        {
            // The machine has no IPv6.
            return true;
        }
    }
}
