using System.Globalization;

namespace DeployCard.LocalProcess.Readiness;

/// <summary>Owner of a port.</summary>
internal enum PortOwner
{
    /// <summary>The owner cannot be determined now; check again.</summary>
    Unknown,

    /// <summary>A process of the pod's session listens on the port.</summary>
    Pod,

    /// <summary>A process outside the pod's session listens on the port.</summary>
    OtherProcess,
}

/// <summary>
/// Determines whether the process that listens on a port belongs to a pod. Any program may take the port between its selection and the
/// pod's start, and would then receive the pod's requests. Only Linux provides this information; elsewhere the listener is assumed to be
/// the pod.
/// </summary>
internal static class PortOwnership
{
    private const string Proc = "/proc";
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    public static PortOwner FindOwner(int port, int session)
    {
        var tables = Tables.Where(File.Exists).ToList();
        if (tables.Count == 0)
            return PortOwner.Pod;

        // Read the IPv6 table only if the IPv4 table has no listener: each takes the kernel milliseconds.
        var listeners = tables
            .Select(table => ListeningSockets.FindInodes(port, File.ReadLines(table)))
            .FirstOrDefault(found => found.Count > 0, []);
        var others = listeners.ToHashSet();
        foreach (var process in others.Count > 0 ? SessionProcesses(session) : [])
        {
            if (!TryReadSockets(process, out var sockets))
                return PortOwner.Pod;

            others.ExceptWith(sockets);
            if (others.Count == 0)
                return PortOwner.Pod;
        }

        return others.Count > 0 && others.Count == listeners.Count ? PortOwner.OtherProcess : PortOwner.Unknown;
    }

    /// <summary>Enumerates the processes of a session, its leader first, because the leader usually is the listener.</summary>
    private static IEnumerable<int> SessionProcesses(int session) =>
        Directory
            .EnumerateDirectories(Proc)
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && id != session && SessionOf(id) == session)
            .Prepend(session);

    private static int SessionOf(int process)
    {
        try
        {
            // The second field is the program's name in parentheses and may contain any character. The session is the fourth field after
            // it.
            var stat = File.ReadAllText($"{Proc}/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>
    /// Returns the inodes of a process's sockets; returns false if access is denied because the pod runs as another user.
    /// </summary>
    private static bool TryReadSockets(int process, out HashSet<long> inodes)
    {
        inodes = [];
        try
        {
            inodes =
            [
                .. new DirectoryInfo($"{Proc}/{process}/fd").EnumerateFiles().Select(file => ParseInode(file.LinkTarget)).OfType<long>(),
            ];
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static long? ParseInode(string? link) =>
        link is not null
        && link.StartsWith("socket:[", StringComparison.Ordinal)
        && long.TryParse(link.AsSpan(8).TrimEnd(']'), CultureInfo.InvariantCulture, out var inode)
            ? inode
            : null;
}
