using System.Globalization;
using System.Text;

namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>What the kernel tells of a process in <c>/proc/&lt;id&gt;/stat</c> (proc_pid_stat(5)).</summary>
/// <param name="Session">The session that it is in.</param>
/// <param name="Cpu">The processor time of it and of its children that have ended and were waited for.</param>
/// <param name="MemoryBytes">Its resident memory. Pages that processes share count for each of them.</param>
internal readonly record struct ProcessStat(int Session, TimeSpan Cpu, long MemoryBytes)
{
    /// <summary>The kernel's clock ticks for user space: 100 a second on every platform that .NET runs on.</summary>
    private const int TicksPerSecond = 100;

    /// <summary>More than the 50 fields have, the last of which takes the rest.</summary>
    private const int MostFields = 64;

    private const int MostBytes = 1024;

    /// <summary>False where the text is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ProcessStat stat)
    {
        stat = default;
        // The second field is the program's name in parentheses and may hold anything; the state is the first behind it.
        var fields = text[(text.LastIndexOf(')') + 1)..];
        Span<Range> places = stackalloc Range[MostFields];
        if (
            fields.Split(places, ' ', StringSplitOptions.RemoveEmptyEntries) < 22
            || !int.TryParse(fields[places[3]], CultureInfo.InvariantCulture, out var session)
        )
            return false;
        var ticks = 0L;
        foreach (var place in places[11..15])
            ticks += Number(fields[place]);
        stat = new(session, TimeSpan.FromSeconds((double)ticks / TicksPerSecond), Number(fields[places[21]]) * Environment.SystemPageSize);
        return true;
    }

    /// <summary>Those of all processes of this machine. One that ends meanwhile is left out; where there is no <c>/proc</c> there are none.</summary>
    public static IEnumerable<ProcessStat> All() =>
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
            // There may be thousands, every few seconds: read without a stream's buffer or a text each.
            using var file = File.OpenHandle(path);
            Span<byte> bytes = stackalloc byte[MostBytes];
            Span<char> text = stackalloc char[MostBytes];
            var length = Encoding.Latin1.GetChars(bytes[..RandomAccess.Read(file, bytes, 0)], text);
            return TryParse(text[..length], out var stat) ? stat : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long Number(ReadOnlySpan<char> field) => long.TryParse(field, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
