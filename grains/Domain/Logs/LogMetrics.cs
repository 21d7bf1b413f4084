using System.Diagnostics.Metrics;
using DeployCard.Common.Telemetry;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;

namespace DeployCard.Domain.Logs;

/// <summary>Counts the log lines of pods by deployment (meter <c>DeployCard.Logs</c>).</summary>
internal sealed class LogMetrics
{
    public const string MeterName = "DeployCard.Logs";

    private readonly DeploymentTag tag = new();
    private readonly Counter<long> lines;
    private readonly Counter<long> dropped;

    public LogMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        lines = meter.CreateCounter<long>("deploycard.log.lines", "{line}", "Number of lines of pods that reached the log.");
        dropped = meter.CreateCounter<long>(
            "deploycard.log.dropped_lines",
            "{line}",
            "Number of lines of pods that were dropped because the pod wrote faster than its output was read or than its rate limit."
        );
    }

    /// <summary>Records lines that reached the log, and the lines that were dropped before them.</summary>
    public void RecordLines(DeploymentName deployment, IReadOnlyList<PodLogLine> batch)
    {
        lines.Add(batch.Count, tag.For(deployment.Value));
        // Create the series at 0, so that increase() sees the first increment.
        RecordDropped(deployment, batch.Sum(line => line.DroppedLines));
    }

    /// <summary>Records lines that were dropped.</summary>
    public void RecordDropped(DeploymentName deployment, long count) => dropped.Add(count, tag.For(deployment.Value));
}
