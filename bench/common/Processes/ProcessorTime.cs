namespace DeployCard.Bench.Common.Processes;

/// <summary>Processor time of a process, as reported by the kernel.</summary>
internal static class ProcessorTime
{
    private const double TicksPerSecond = 100;

    /// <summary>Returns the processor time since the process started, in seconds.</summary>
    public static double GetSeconds(int process) => Read(process, fields: 2);

    /// <summary>
    /// Returns the processor time of a process and of all its descendants, in seconds. Descendants that have ended are included.
    /// </summary>
    public static double GetTreeSeconds(int process)
    {
        try
        {
            return Read(process, fields: 4) + GetChildren(process).Sum(GetTreeSeconds);
        }
        catch (IOException)
        {
            // The process just ended. The kernel adds its time to its parent, so the next reading includes it.
            return 0;
        }
    }

    /// <summary>Returns the running child processes. The kernel lists them per thread that started them.</summary>
    public static IReadOnlyList<int> GetChildren(int process) =>
        [
            .. Directory
                .EnumerateDirectories($"/proc/{process}/task")
                .SelectMany(thread => Read(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(int.Parse),
        ];

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            // The thread has ended.
            return "";
        }
    }

    private static double Read(int process, int fields)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        // The program's name is in parentheses and may contain any character. The 12th and 13th values after it are utime and stime; the
        // next two are the same times of children that have ended.
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ').Skip(11).Take(fields).Sum(long.Parse) / TicksPerSecond;
    }
}
