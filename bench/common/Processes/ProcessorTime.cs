namespace DeployCard.Bench.Common.Processes;

/// <summary>The processor time of a process, as the kernel counts it.</summary>
internal static class ProcessorTime
{
    private const double TicksPerSecond = 100;

    /// <summary>In seconds, since it was started.</summary>
    public static double Of(int process) => Read(process, fields: 2);

    /// <summary>In seconds, since it was started, with all that it has started, those that have ended included.</summary>
    public static double OfFamily(int process)
    {
        try
        {
            return Read(process, fields: 4) + Children(process).Sum(OfFamily);
        }
        catch (IOException)
        {
            // It ended just now; its parent counts it from the next look on.
            return 0;
        }
    }

    /// <summary>The processes that it has started and that are there; the kernel keeps them by the thread that did.</summary>
    public static IReadOnlyList<int> Children(int process) =>
        [
            .. Directory
                .EnumerateDirectories($"/proc/{process}/task")
                .SelectMany(thread => Read(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(int.Parse),
        ];

    private static string Read(string ofThread)
    {
        try
        {
            return File.ReadAllText(ofThread);
        }
        catch (IOException)
        {
            // The thread is gone.
            return "";
        }
    }

    private static double Read(int process, int fields)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        // The program's name stands in parentheses and may hold anything; from the 12th field after it on: utime, stime, and both of its children that have ended.
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ').Skip(11).Take(fields).Sum(long.Parse) / TicksPerSecond;
    }
}
