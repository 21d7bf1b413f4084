namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>Settings of the local process runtime, by custom in the section <c>LocalProcess</c>.</summary>
public sealed class LocalProcessOptions
{
    /// <summary>The name of the section.</summary>
    public const string Section = "LocalProcess";

    /// <summary>
    /// Folders whose sub-folders with an <c>image.json</c> are images. Default, while empty: <c>images</c> beside the program, and
    /// <c>images</c> in the current directory where there is one.
    /// </summary>
    public IList<string> ImagesFolders { get; } = [];

    /// <summary>Further images: a name, and the folder with its <c>image.json</c>. They win over a folder of the same name.</summary>
    public IDictionary<string, string> Images { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// Names of the server's own environment variables that pods get too, beside <c>PATH HOME USER LANG LC_* TZ TMPDIR DOTNET_ROOT</c>.
    /// Every pod sees their values: name no secret here.
    /// </summary>
    public IList<string> PassEnvironment { get; } = [];

    /// <summary>How long a failed pod waits for its first restart; each further one doubles it. 10 ms to 1 h, default 1 s.</summary>
    public TimeSpan InitialRestartBackoff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between restarts; not below <see cref="InitialRestartBackoff"/>, at most 1 day, default 60 s.</summary>
    public TimeSpan MaxRestartBackoff { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a pod must have been ready for the pauses to begin anew. 1 s to 1 day, default 60 s.</summary>
    public TimeSpan RestartBackoffResetAfter { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an image's check may take. 100 ms to 5 min, default 15 s.</summary>
    public TimeSpan CheckTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the outcome of a check holds. 0 to 1 day, default 60 s.</summary>
    public TimeSpan CheckCacheDuration { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The grace of pods that still run when the runtime is disposed of. 0 to 10 min, default 10 s.</summary>
    public TimeSpan DisposeGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a pod that is gone, and its log, can still be seen. 0 to 1 h, default 60 s.</summary>
    public TimeSpan GoneRetention { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Where a line is cut, in bytes. 80 to 1,048,576, default 16,384.</summary>
    public int MaxLineBytes { get; set; } = 16 * 1024;

    /// <summary>Lines of each pod that are kept for a reader who is slow or not there yet. 100 to 1,000,000, default 10,000.</summary>
    public int MaxBufferedLogLines { get; set; } = 10_000;

    /// <summary>Bytes of the same. 64 KiB to 1 GiB, default 4 MiB.</summary>
    public int MaxBufferedLogBytes { get; set; } = 4 * 1024 * 1024;
}
