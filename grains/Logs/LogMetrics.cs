using System.Diagnostics.Metrics;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Runtimes;
using DeployCard.Grains.Telemetry;

namespace DeployCard.Grains.Logs;

/// <summary>What pods write (meter <c>DeployCard.Logs</c>), by deployment.</summary>
internal sealed class LogMetrics
{
    public const string MeterName = "DeployCard.Logs";

    private readonly DeploymentTag tag = new();
    private readonly Counter<long> lines;
    private readonly Counter<long> dropped;

    public LogMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        lines = meter.CreateCounter<long>("deploycard.log.lines", "{line}", "Lines of pods that reached the log.");
        dropped = meter.CreateCounter<long>(
            "deploycard.log.dropped_lines",
            "{line}",
            "Lines of pods that came faster than they were read or than is taken of one pod."
        );
    }

    /// <summary>Lines came, and others before them had been left out already.</summary>
    public void Came(DeploymentName deployment, IReadOnlyList<PodLogLine> batch)
    {
        lines.Add(batch.Count, tag.Of(deployment.Value));
        // Also where it is none: a series that first appears with its first value is no increase to who looks for one.
        Dropped(deployment, batch.Sum(line => line.DroppedLines));
    }

    /// <summary>Lines were given up.</summary>
    public void Dropped(DeploymentName deployment, long count) => dropped.Add(count, tag.Of(deployment.Value));
}
