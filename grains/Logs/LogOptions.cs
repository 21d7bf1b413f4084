using System.ComponentModel.DataAnnotations;

namespace DeployCard.Grains.Logs;

/// <summary>The bounds of logs (section <c>Logs</c>).</summary>
public sealed class LogOptions
{
    /// <summary>Lines kept of each deployment: 100 to 1,000,000, default 10,000.</summary>
    [Range(100, 1_000_000)]
    public int MaxLines { get; set; } = 10_000;

    /// <summary>Bytes of text kept of each deployment: 64 KiB to 1 GiB, default 8 MiB.</summary>
    [Range(64 * 1024, 1 << 30)]
    public long MaxBytes { get; set; } = 8 << 20;

    /// <summary>How often new lines are stored: a silo that is killed loses at most those of this time. 50 ms to 1 minute, default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Lines a second that are taken of one pod; of one that writes more for long, lines are left out, and the log tells how many: 100 to 1,000,000, default 10,000.
    /// </summary>
    [Range(100, 1_000_000)]
    public int MaxLinesPerSecond { get; set; } = 10_000;

    /// <summary>The same in bytes of text: 64 KiB to 1 GiB, default 4 MiB.</summary>
    [Range(64 * 1024, 1 << 30)]
    public long MaxBytesPerSecond { get; set; } = 4 << 20;
}
