namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>What the pods themselves noted: each request that reached one, also one that was killed since.</summary>
internal sealed class PodRecord(SiloProcess silo)
{
    public string Folder { get; } = Create(Path.Combine(silo.Folder, "work"));

    /// <summary>How often the request with a token reached a pod.</summary>
    public int CountOf(string token) =>
        Path.Combine(Folder, token) is var folder && Directory.Exists(folder) ? Directory.GetFiles(folder).Length : 0;

    /// <summary>Pods may run as somebody else.</summary>
    private static string Create(string folder)
    {
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
        return folder;
    }
}
