namespace DeployCard.Bench.Common.Processes;

/// <summary>The processor time of a process, as the kernel counts it.</summary>
internal static class ProcessorTime
{
    private const double TicksPerSecond = 100;

    /// <summary>In seconds, since it was started.</summary>
    public static double Of(int process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        // The program's name stands in parentheses and may hold anything; utime and stime are the 12th and 13th field after it.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11]) + long.Parse(fields[12])) / TicksPerSecond;
    }
}
