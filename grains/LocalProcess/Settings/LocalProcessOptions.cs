using System.ComponentModel.DataAnnotations;

namespace DeployCard.LocalProcess.Settings;

/// <summary>
/// Settings of the local process runtime (section <c>LocalProcess</c>). They apply if <c>Pods:Runtime</c> is <c>LocalProcess</c>.
/// </summary>
public sealed class LocalProcessOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "LocalProcess";

    /// <summary>
    /// Folders whose sub-folders with an <c>image.json</c> are images. If empty, the folders are <c>images</c> next to the program and
    /// <c>images</c> in the current directory, if they exist.
    /// </summary>
    public IList<string> ImagesFolders { get; } = [];

    /// <summary>
    /// Folder with the <c>image.json</c> of the additional image <c>&lt;name&gt;</c>. The image takes precedence over one of the same name
    /// in <see cref="ImagesFolders"/>.
    /// </summary>
    public IDictionary<string, string> Images { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// Names of further environment variables of the silo that pods inherit, in addition to
    /// <c>PATH HOME USER LANG LC_* TZ TMPDIR DOTNET_ROOT DOTNET_CLI_TELEMETRY_OPTOUT</c>. Every pod sees their values, so list no secrets.
    /// </summary>
    public IList<string> PassEnvironment { get; } = [];

    /// <summary>
    /// Delay before the first restart of a failed pod. The delay doubles after each further failure, up to <see cref="MaxRestartBackoff"/>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "01:00:00")]
    public TimeSpan InitialRestartBackoff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Maximum delay between restarts; at least <see cref="InitialRestartBackoff"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "1.00:00:00")]
    public TimeSpan MaxRestartBackoff { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Time a pod must have been ready before its restart backoff is reset.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RestartBackoffResetAfter { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Maximum duration of an image's check command.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan CheckTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Time for which the result of an image's check is cached. 0 disables caching.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan CheckCacheDuration { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Time between SIGTERM and SIGKILL for pods that still run at the end of the shutdown of the silo.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan ShutdownGracePeriod { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time for which an ended pod and its buffered log lines remain visible.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan EndedPodRetention { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Maximum length of a log line in bytes. Longer lines are truncated.</summary>
    [Range(80, 1 << 20)]
    public int MaxLineBytes { get; set; } = 16 * 1024;

    /// <summary>Maximum number of log lines buffered per pod. If the buffer is full, the oldest lines are dropped.</summary>
    [Range(100, 1_000_000)]
    public int MaxBufferedLogLines { get; set; } = 10_000;

    /// <summary>Maximum size of the log lines buffered per pod, in bytes. If the buffer is full, the oldest lines are dropped.</summary>
    [Range(64 * 1024, 1 << 30)]
    public int MaxBufferedLogBytes { get; set; } = 4 * 1024 * 1024;
}
