using System.Globalization;

namespace DeployCard.Grains.Runtimes.LocalProcess.Readiness;

/// <summary>Reads the kernel's tables of sockets, <c>/proc/net/tcp</c> and <c>tcp6</c>.</summary>
internal static class Listeners
{
    private const string Listening = "0A";

    // As the tables write them: 127.0.0.1 and ::ffff:127.0.0.1; then 0.0.0.0, :: and ::ffff:0.0.0.0.
    private static readonly string[] Loopback = ["0100007F", "0000000000000000FFFF00000100007F"];
    private static readonly string[] Any = ["00000000", "00000000000000000000000000000000", "0000000000000000FFFF000000000000"];

    /// <summary>
    /// The inodes of the sockets that a connection to 127.0.0.1 on that port reaches. One that is bound to the very address comes before those
    /// bound to all.
    /// </summary>
    public static IReadOnlyList<long> On(int port, IEnumerable<string> table)
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
