using System.Net.Sockets;

namespace DeployCard.Gateway;

/// <summary>
/// Reads the TCP retransmissions of a connection from the operating system (<c>TCP_INFO</c>, tcp(7)). Supported on Linux only.
/// </summary>
internal static class TcpRetransmits
{
    private const int Tcp = 6;
    private const int TcpInfo = 11;

    // Offsets in struct tcp_info (linux/tcp.h): consecutive unacknowledged retransmissions, and consecutive unanswered zero-window probes.
    private const int RetransmitsOffset = 2;
    private const int ProbesOffset = 3;

    /// <summary>
    /// Number of consecutive retransmissions after which the peer counts as unreachable. The interval doubles each time, from 0.2 s on a
    /// fast network, so the fifth retransmission is sent after 6 s. With 1 % random packet loss, five losses in a row occur once in 10^10
    /// packets.
    /// </summary>
    private const int UnreachableThreshold = 5;

    /// <summary>Whether the operating system supports this query.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux();

    /// <summary>Whether the peer is unreachable: sent data was retransmitted several times without any acknowledgment.</summary>
    /// <remarks>A peer that does not read still acknowledges that its receive window is full.</remarks>
    public static bool IsPeerUnreachable(Socket socket) => CountUnacknowledged(socket) >= UnreachableThreshold;

    /// <summary>
    /// Returns the number of consecutive retransmissions or probes without acknowledgment; 0 if the connection is closed.
    /// </summary>
    public static int CountUnacknowledged(Socket socket)
    {
        Span<byte> info = stackalloc byte[ProbesOffset + 1];
        try
        {
            socket.GetRawSocketOption(Tcp, TcpInfo, info);
            return Math.Max(info[RetransmitsOffset], info[ProbesOffset]);
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            return 0;
        }
    }
}
