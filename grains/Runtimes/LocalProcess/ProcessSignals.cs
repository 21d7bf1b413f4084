using System.Runtime.InteropServices;

namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>The signals that end a pod, by their POSIX numbers.</summary>
internal enum ProcessSignal
{
    Kill = 9,
    Terminate = 15,
}

internal static class ProcessSignals
{
    /// <summary>Signals every process of a group; false where there is no such group.</summary>
    public static bool SendToGroup(int group, ProcessSignal signal)
    {
        // 0 and 1 would mean our own group and every process there is.
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(group, 1);
        return Kill(-group, (int)signal) == 0;
    }

    /// <summary>Signals one process; false where there is no such process.</summary>
    public static bool Send(int process, ProcessSignal signal)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(process, 1);
        return Kill(process, (int)signal) == 0;
    }

    /// <summary>As people write it: <c>15 (SIGTERM)</c>.</summary>
    public static string Describe(int signal) =>
        signal switch
        {
            1 => "1 (SIGHUP)",
            2 => "2 (SIGINT)",
            4 => "4 (SIGILL)",
            6 => "6 (SIGABRT)",
            8 => "8 (SIGFPE)",
            9 => "9 (SIGKILL; perhaps out of memory)",
            11 => "11 (SIGSEGV)",
            13 => "13 (SIGPIPE)",
            15 => "15 (SIGTERM)",
            _ => $"{signal}",
        };

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
