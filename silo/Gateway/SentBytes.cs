using System.Net.Sockets;

namespace DeployCard.Silo.Gateway;

/// <summary>What the system knows of the bytes that a connection has sent (<c>TCP_INFO</c>, tcp(7)). Linux alone tells it in this form.</summary>
internal static class SentBytes
{
    private const int Tcp = 6;
    private const int TcpInfo = 11;

    // Where in struct tcp_info (linux/tcp.h) the counts stand of what was sent again, and of questions whether there is room, without an answer to the last one.
    private const int Retransmits = 2;
    private const int Probes = 3;

    /// <summary>
    /// Each repetition comes after twice the time of the one before, from 0.2 s on where the way is short: the fifth after 6 s. Where one packet of a
    /// hundred is lost by accident, that happens to one of ten thousand millions.
    /// </summary>
    private const int Most = 5;

    public static bool CanBeAsked => OperatingSystem.IsLinux();

    /// <summary>Whether what was sent was repeated again and again, and nobody answered.</summary>
    /// <remarks>An end that does not read answers all the same that it cannot take more.</remarks>
    public static bool AreLost(Socket socket) => Unanswered(socket) >= Most;

    /// <summary>How often in a row something was sent that nobody answered; 0 of a connection that was closed.</summary>
    public static int Unanswered(Socket socket)
    {
        Span<byte> info = stackalloc byte[Probes + 1];
        try
        {
            socket.GetRawSocketOption(Tcp, TcpInfo, info);
            return Math.Max(info[Retransmits], info[Probes]);
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            return 0;
        }
    }
}
