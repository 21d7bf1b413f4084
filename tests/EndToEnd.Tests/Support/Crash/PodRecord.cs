namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>The requests that the pods recorded, including those of pods that have since been killed.</summary>
internal sealed class PodRecord(SiloProcess silo)
{
    public string Folder { get; } = Create(Path.Combine(silo.Folder, "work"));

    /// <summary>Returns how many times the request with the given token reached a pod.</summary>
    public int CountOf(string token) =>
        Path.Combine(Folder, token) is var folder && Directory.Exists(folder) ? Directory.GetFiles(folder).Length : 0;

    /// <summary>Creates a folder that all users can write to, because pods may run as another user.</summary>
    private static string Create(string folder)
    {
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
        return folder;
    }
}
