namespace DeployCard.LocalProcess.Processes;

/// <summary>Finds the program of a command in the same way as the operating system.</summary>
internal static class ProgramFinder
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Returns the path of the program, or null if no executable file is found.</summary>
    public static string? Find(string name, string folder, string? searchPath)
    {
        var candidates = name.Contains('/')
            ? [Path.Combine(folder, name)]
            : (searchPath ?? "")
                .Split(':', StringSplitOptions.RemoveEmptyEntries)
                .Select(directory => Path.Combine(folder, directory, name));
        return candidates.FirstOrDefault(IsExecutable);
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Executable) != UnixFileMode.None;
}
