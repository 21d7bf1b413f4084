using DeployCard.Grains.Runtimes.LocalProcess.Images;

namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>What stands before a pod's command: a new session, and the shell script that ties the pod's life to the server's.</summary>
internal static class PodSupervisor
{
    private static readonly Lazy<string[]> LazyPrefix = new(() => PrefixWith(PodCommand.ServerEnvironment.GetValueOrDefault("PATH")));

    /// <summary>The words to put before the command.</summary>
    public static IReadOnlyList<string> Prefix => LazyPrefix.Value;

    /// <exception cref="PlatformNotSupportedException">Nothing on that path makes sessions.</exception>
    internal static string[] PrefixWith(string? path) => [.. NewSession(path), "/bin/sh", "-c", Script(), "deploycard-pod"];

    /// <summary>
    /// A session of its own makes the pod the leader of a process group that we can signal as a whole, and keeps a Ctrl+C in the server's
    /// terminal away from it: the server ends its pods itself. Linux has setsid; macOS has not, but perl.
    /// </summary>
    private static string[] NewSession(string? path)
    {
        if (Programs.Find("setsid", "/", path) is { } setsid)
            return [setsid];

        if (Programs.Find("perl", "/", path) is { } perl)
            return [perl, "-MPOSIX", "-e", "POSIX::setsid(); exec { $ARGV[0] } @ARGV or exit 127"];

        throw new PlatformNotSupportedException(
            "Local processes need 'setsid' (package util-linux) or 'perl', and neither is on the PATH. Install one of them."
        );
    }

    /// <summary>Its comments stay behind: every list of processes would show them.</summary>
    private static string Script()
    {
        using var stream = typeof(PodSupervisor).Assembly.GetManifestResourceStream($"{typeof(PodSupervisor).Namespace}.PodSupervisor.sh")!;
        using var reader = new StreamReader(stream);
        return string.Join('\n', reader.ReadToEnd().Split('\n').Where(line => line.Length > 0 && line[0] != '#'));
    }
}
