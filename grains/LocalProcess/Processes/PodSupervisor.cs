namespace DeployCard.LocalProcess.Processes;

/// <summary>The prefix of a pod's command: creates a new session and runs the shell script that ends the pod when the silo dies.</summary>
internal static class PodSupervisor
{
    private static readonly Lazy<string[]> LazyPrefix = new(() => CreatePrefix(PodCommand.SiloEnvironment.GetValueOrDefault("PATH")));

    /// <summary>Arguments to insert before a pod's command.</summary>
    public static IReadOnlyList<string> Prefix => LazyPrefix.Value;

    /// <exception cref="PlatformNotSupportedException"><paramref name="path"/> contains neither <c>setsid</c> nor <c>perl</c>.</exception>
    internal static string[] CreatePrefix(string? path) => [.. NewSession(path), "/bin/sh", "-c", Script(), "deploycard-pod"];

    /// <summary>
    /// Finds a program that creates a session. In a separate session the pod leads a process group that the silo can signal as a whole, and
    /// a Ctrl+C in the silo's terminal does not reach the pod: the silo stops its pods. Linux has setsid; macOS lacks it but has perl.
    /// </summary>
    private static string[] NewSession(string? path)
    {
        if (ProgramFinder.Find("setsid", "/", path) is { } setsid)
            return [setsid];

        if (ProgramFinder.Find("perl", "/", path) is { } perl)
            return [perl, "-MPOSIX", "-e", "POSIX::setsid(); exec { $ARGV[0] } @ARGV or exit 127"];

        throw new PlatformNotSupportedException(
            "Local processes need 'setsid' (package util-linux) or 'perl', and neither is on the PATH. Install one of them."
        );
    }

    /// <summary>Reads the script without its comments, which every process list would otherwise show.</summary>
    private static string Script()
    {
        using var stream = typeof(PodSupervisor).Assembly.GetManifestResourceStream($"{typeof(PodSupervisor).Namespace}.PodSupervisor.sh")!;
        using var reader = new StreamReader(stream);
        return string.Join('\n', reader.ReadToEnd().Split('\n').Where(line => line.Length > 0 && line[0] != '#'));
    }
}
