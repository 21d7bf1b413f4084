using System.Globalization;

namespace DeployCard.Grains.Runtimes.LocalProcess.Readiness;

/// <summary>Whose port it is.</summary>
internal enum PortOwner
{
    /// <summary>It cannot be told now; ask again.</summary>
    Unclear,

    Pod,
    Stranger,
}

/// <summary>
/// Finds out whether the process that answers on a port belongs to a pod: any program may take the port between our choice and the pod's start,
/// and would then get its requests. Only Linux tells; elsewhere whoever answers counts as the pod.
/// </summary>
internal static class PortOwnership
{
    private const string Proc = "/proc";
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    public static PortOwner Of(int port, int session)
    {
        var tables = Tables.Where(File.Exists).ToList();
        if (tables.Count == 0)
            return PortOwner.Pod;

        // One table after the other: the kernel takes milliseconds for each, and a port that IPv4 has is none of IPv6's.
        var listeners = tables.Select(table => Listeners.On(port, File.ReadLines(table))).FirstOrDefault(found => found.Count > 0, []);
        var others = listeners.ToHashSet();
        foreach (var process in others.Count > 0 ? Members(session) : [])
        {
            if (!TrySockets(process, out var sockets))
                return PortOwner.Pod;

            others.ExceptWith(sockets);
            if (others.Count == 0)
                return PortOwner.Pod;
        }

        return others.Count > 0 && others.Count == listeners.Count ? PortOwner.Stranger : PortOwner.Unclear;
    }

    /// <summary>The session's processes, its leader first: it is the one that listens, mostly.</summary>
    private static IEnumerable<int> Members(int session) =>
        Directory
            .EnumerateDirectories(Proc)
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && id != session && SessionOf(id) == session)
            .Prepend(session);

    private static int SessionOf(int process)
    {
        try
        {
            // The second field is the program's name in parentheses and may hold anything; the session is the fourth after it.
            var stat = File.ReadAllText($"{Proc}/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>False where a pod that changed its user hides them from us.</summary>
    private static bool TrySockets(int process, out HashSet<long> inodes)
    {
        inodes = [];
        try
        {
            inodes = [.. new DirectoryInfo($"{Proc}/{process}/fd").EnumerateFiles().Select(file => Inode(file.LinkTarget)).OfType<long>()];
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

    private static long? Inode(string? link) =>
        link is not null
        && link.StartsWith("socket:[", StringComparison.Ordinal)
        && long.TryParse(link.AsSpan(8).TrimEnd(']'), CultureInfo.InvariantCulture, out var inode)
            ? inode
            : null;
}
