using System.Net;
using System.Net.Sockets;

namespace DeployCard.Bench.Common.Processes;

/// <summary>TCP ports of the loopback interface.</summary>
internal static class Ports
{
    /// <summary>Returns a port without a listener.</summary>
    public static int FindFree()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
