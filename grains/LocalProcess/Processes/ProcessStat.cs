using System.Globalization;
using System.Text;

namespace DeployCard.LocalProcess.Processes;

/// <summary>Statistics of a process, from <c>/proc/&lt;id&gt;/stat</c> (see proc_pid_stat(5)).</summary>
/// <param name="Session">The id of the session that the process belongs to.</param>
/// <param name="CpuTime">Processor time of the process and of its children that have ended and been waited for.</param>
/// <param name="MemoryBytes">Resident memory in bytes. Shared pages count for each process that shares them.</param>
internal readonly record struct ProcessStat(int Session, TimeSpan CpuTime, long MemoryBytes)
{
    /// <summary>Clock ticks per second that the kernel reports to user space; 100 on every platform that .NET supports.</summary>
    private const int TicksPerSecond = 100;

    /// <summary>
    /// Maximum number of fields that are split. A line has about 50 fields; the last range contains the rest of a longer line.
    /// </summary>
    private const int MaxFields = 64;

    private const int MaxBytes = 1024;

    /// <summary>Parses the content of a <c>stat</c> file; returns false if the text is malformed.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ProcessStat stat)
    {
        stat = default;
        // The second field is the program's name in parentheses and may contain any character. Count fields after it, from the state on.
        var fields = text[(text.LastIndexOf(')') + 1)..];
        Span<Range> ranges = stackalloc Range[MaxFields];
        if (
            fields.Split(ranges, ' ', StringSplitOptions.RemoveEmptyEntries) < 22
            || !int.TryParse(fields[ranges[3]], CultureInfo.InvariantCulture, out var session)
        )
            return false;
        var ticks = 0L;
        foreach (var range in ranges[11..15])
            ticks += ParseNumber(fields[range]);
        stat = new(
            session,
            TimeSpan.FromSeconds((double)ticks / TicksPerSecond),
            ParseNumber(fields[ranges[21]]) * Environment.SystemPageSize
        );
        return true;
    }

    /// <summary>Reads all processes of this machine, except those that end during the call. Empty if there is no <c>/proc</c>.</summary>
    public static IEnumerable<ProcessStat> ReadAll() =>
        !Directory.Exists("/proc")
            ? []
            : Directory
                .EnumerateDirectories("/proc")
                .Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0]))
                .Select(path => Read($"{path}/stat"))
                .OfType<ProcessStat>();

    private static ProcessStat? Read(string path)
    {
        try
        {
            // Thousands of these files may be read every few seconds. Allocate neither a stream buffer nor a string for each.
            using var file = File.OpenHandle(path);
            Span<byte> bytes = stackalloc byte[MaxBytes];
            Span<char> text = stackalloc char[MaxBytes];
            var length = Encoding.Latin1.GetChars(bytes[..RandomAccess.Read(file, bytes, 0)], text);
            return TryParse(text[..length], out var stat) ? stat : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long ParseNumber(ReadOnlySpan<char> field) =>
        long.TryParse(field, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
