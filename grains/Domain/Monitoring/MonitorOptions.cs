using System.ComponentModel.DataAnnotations;

namespace DeployCard.Domain.Monitoring;

/// <summary>Settings of monitoring (section <c>Monitoring</c>).</summary>
public sealed class MonitorOptions
{
    /// <summary>Section of the settings that holds these options.</summary>
    public const string Section = "Monitoring";

    /// <summary>Time for which per-minute data is kept.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "30.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(3);

    /// <summary>Interval at which each silo reports its counts. The data of the current minute is delayed by up to this time.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Interval at which reported data is stored.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Interval at which the processor time and memory of pods are measured.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan SampleInterval { get; set; } = TimeSpan.FromSeconds(5);
}
