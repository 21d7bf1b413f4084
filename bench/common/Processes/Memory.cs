namespace DeployCard.Bench.Common.Processes;

/// <summary>The resident memory of a process, as the kernel counts it.</summary>
internal static class Memory
{
    /// <summary>Now, in bytes.</summary>
    public static long Resident(int process) => Read(process, "VmRSS:");

    /// <summary>The most since <see cref="ForgetPeak"/>, in bytes.</summary>
    public static long Peak(int process) => Read(process, "VmHWM:");

    public static void ForgetPeak(int process) => File.WriteAllText($"/proc/{process}/clear_refs", "5");

    private static long Read(int process, string field)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line[field.Length..^"kB".Length]) * 1024;
    }
}
