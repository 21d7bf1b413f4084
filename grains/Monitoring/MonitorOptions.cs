using System.ComponentModel.DataAnnotations;

namespace DeployCard.Grains.Monitoring;

/// <summary>The bounds of monitoring (section <c>Monitoring</c>).</summary>
public sealed class MonitorOptions
{
    /// <summary>How long minutes are kept: 1 hour to 30 days, default 3 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "30.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(3);

    /// <summary>How often each silo tells what it counted, and so how late the running minute is: 1 s to 1 minute, default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often what was told is stored: 1 s to 1 minute, default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the processor time and memory of pods are measured: 1 s to 1 minute, default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan SampleInterval { get; set; } = TimeSpan.FromSeconds(5);
}
