using System.Globalization;

namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>What the kernel tells of a process in <c>/proc/&lt;id&gt;/stat</c> (proc_pid_stat(5)).</summary>
/// <param name="Session">The session that it is in.</param>
/// <param name="Cpu">The processor time of it and of its children that have ended and were waited for.</param>
/// <param name="MemoryBytes">Its resident memory. Pages that processes share count for each of them.</param>
internal readonly record struct ProcessStat(int Session, TimeSpan Cpu, long MemoryBytes)
{
    /// <summary>The kernel's clock ticks for user space: 100 a second on every platform that .NET runs on.</summary>
    private const int TicksPerSecond = 100;

    /// <summary>False where the text is none.</summary>
    public static bool TryParse(string text, out ProcessStat stat)
    {
        stat = default;
        // The second field is the program's name in parentheses and may hold anything; the state is the first behind it.
        var fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 22 || !int.TryParse(fields[3], CultureInfo.InvariantCulture, out var session))
            return false;
        var ticks = fields[11..15].Sum(field => long.TryParse(field, CultureInfo.InvariantCulture, out var some) ? some : 0);
        var pages = long.TryParse(fields[21], CultureInfo.InvariantCulture, out var resident) ? resident : 0;
        stat = new(session, TimeSpan.FromSeconds((double)ticks / TicksPerSecond), pages * Environment.SystemPageSize);
        return true;
    }

    /// <summary>Those of all processes of this machine. One that ends meanwhile is left out; where there is no <c>/proc</c> there are none.</summary>
    public static IEnumerable<ProcessStat> All() => !Directory.Exists("/proc") ? [] : Directory.EnumerateDirectories("/proc")
        .Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0]))
        .Select(path => Read($"{path}/stat"))
        .OfType<ProcessStat>();

    private static ProcessStat? Read(string path)
    {
        try
        {
            return TryParse(File.ReadAllText(path), out var stat) ? stat : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
