using System.Runtime.InteropServices;

namespace DeployCard.LocalProcess.Processes;

/// <summary>Signals that end a pod, with their POSIX numbers.</summary>
internal enum ProcessSignal
{
    Kill = 9,
    Terminate = 15,
}

internal static class ProcessSignals
{
    /// <summary>Sends a signal to every process of a group; returns false if that fails, as for a group that does not exist.</summary>
    public static bool SendToGroup(int group, ProcessSignal signal)
    {
        // kill(0) signals the silo's own group, and kill(-1) every process of the machine.
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(group, 1);
        return Kill(-group, (int)signal) == 0;
    }

    /// <summary>Sends a signal to one process; returns false if that fails, as for a process that does not exist.</summary>
    public static bool Send(int process, ProcessSignal signal)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(process, 1);
        return Kill(process, (int)signal) == 0;
    }

    /// <summary>Formats a signal with its name, for example <c>15 (SIGTERM)</c>.</summary>
    public static string Describe(int signal) =>
        signal switch
        {
            1 => "1 (SIGHUP)",
            2 => "2 (SIGINT)",
            4 => "4 (SIGILL)",
            6 => "6 (SIGABRT)",
            8 => "8 (SIGFPE)",
            9 => "9 (SIGKILL; possibly out of memory)",
            11 => "11 (SIGSEGV)",
            13 => "13 (SIGPIPE)",
            15 => "15 (SIGTERM)",
            _ => $"{signal}",
        };

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
