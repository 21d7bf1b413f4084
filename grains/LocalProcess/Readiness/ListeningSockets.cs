using System.Globalization;

namespace DeployCard.LocalProcess.Readiness;

/// <summary>Finds listening sockets in the kernel's socket tables, <c>/proc/net/tcp</c> and <c>tcp6</c>.</summary>
internal static class ListeningSockets
{
    private const string Listening = "0A";

    // The notation of the tables for 127.0.0.1 and ::ffff:127.0.0.1, and for 0.0.0.0, :: and ::ffff:0.0.0.0.
    private static readonly string[] Loopback = ["0100007F", "0000000000000000FFFF00000100007F"];
    private static readonly string[] Any = ["00000000", "00000000000000000000000000000000", "0000000000000000FFFF000000000000"];

    /// <summary>
    /// Returns the inodes of the sockets that a connection to 127.0.0.1 on <paramref name="port"/> can reach. Sockets that are bound to the
    /// loopback address take precedence over those bound to all addresses.
    /// </summary>
    public static IReadOnlyList<long> FindInodes(int port, IEnumerable<string> table)
    {
        var ending = $":{port:X4}";
        var listeners = table
            .Where(line => line.Contains(ending, StringComparison.Ordinal))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns.Length > 9 && columns[3] == Listening && columns[1].EndsWith(ending, StringComparison.Ordinal))
            .Select(columns => (Address: columns[1][..^ending.Length], Inode: long.Parse(columns[9], CultureInfo.InvariantCulture)))
            .ToList();
        var exact = listeners.Where(listener => Loopback.Contains(listener.Address)).ToList();
        return
        [
            .. (exact.Count > 0 ? exact : listeners.Where(listener => Any.Contains(listener.Address))).Select(listener => listener.Inode),
        ];
    }
}
