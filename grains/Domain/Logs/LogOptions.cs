using System.ComponentModel.DataAnnotations;

namespace DeployCard.Domain.Logs;

/// <summary>Settings of the logs of deployments (section <c>Logs</c>).</summary>
public sealed class LogOptions
{
    /// <summary>Section of the settings that holds these options.</summary>
    public const string Section = "Logs";

    /// <summary>Maximum number of log lines that are kept per deployment. The oldest ones are deleted.</summary>
    [Range(100, 1_000_000)]
    public int MaxLines { get; set; } = 10_000;

    /// <summary>Maximum size of the log lines that are kept per deployment, in bytes.</summary>
    [Range(64 * 1024, 1L << 30)]
    public long MaxBytes { get; set; } = 8 << 20;

    /// <summary>Interval at which new lines are stored. A killed silo loses at most the lines of this time.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Maximum number of lines per second accepted from one pod. Lines of a pod that exceeds the rate for long are dropped, and the log
    /// shows how many.
    /// </summary>
    [Range(100, 1_000_000)]
    public int MaxLinesPerSecond { get; set; } = 10_000;

    /// <summary>
    /// Maximum number of bytes of text per second accepted from one pod. Lines of a pod that exceeds the rate for long are dropped, too.
    /// </summary>
    [Range(64 * 1024, 1L << 30)]
    public long MaxBytesPerSecond { get; set; } = 4 << 20;
}
