namespace DeployCard.Grains.Runtimes.LocalProcess.Images;

/// <summary>Where a command's program is, found as the operating system would.</summary>
internal static class Programs
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Its full path; null where there is none that can be executed.</summary>
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
