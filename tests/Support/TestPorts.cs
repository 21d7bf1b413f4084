using System.Net;
using System.Net.Sockets;

namespace DeployCard.Tests.Support;

/// <summary>
/// Ports for servers that are started a moment later. They lie below those that the system gives out by itself, to clients' connections too, and each process
/// of tests has its own: a port that was only free just now would now and then be somebody else's by then.
/// </summary>
public static class TestPorts
{
    private const int First = 20_000;
    private const int Processes = 64;
    private const int PortsEach = 190;

    private static readonly int Begin = First + (Environment.ProcessId % Processes * PortsEach);
    private static int last = Random.Shared.Next(PortsEach);

    /// <summary>A port that nobody listens on just now, and that is given out again only after many others.</summary>
    public static int Free()
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
            // A machine without IPv6.
            return true;
        }
    }
}
