namespace DeployCard.Bench.Common.Processes;

/// <summary>Resident memory of a process, as reported by the kernel.</summary>
internal static class ProcessMemory
{
    /// <summary>Returns the current resident memory, in bytes.</summary>
    public static long GetResident(int process) => Read(process, "VmRSS:");

    /// <summary>Returns the peak resident memory since <see cref="ResetPeak"/>, or since the process started, in bytes.</summary>
    public static long GetPeak(int process) => Read(process, "VmHWM:");

    /// <summary>Resets the peak to the current resident memory.</summary>
    public static void ResetPeak(int process) => File.WriteAllText($"/proc/{process}/clear_refs", "5");

    private static long Read(int process, string field)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line[field.Length..^"kB".Length]) * 1024;
    }
}
