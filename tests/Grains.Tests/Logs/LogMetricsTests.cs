using System.Diagnostics.Metrics;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;
using DeployCard.Domain.Logs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace DeployCard.Grains.Tests.Logs;

public sealed class LogMetricsTests : IDisposable
{
    private static readonly DeploymentName Iris = DeploymentName.Parse("iris");

    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    private IMeterFactory Meters => services.GetRequiredService<IMeterFactory>();

    public void Dispose() => services.Dispose();

    [Fact]
    public void Lines_and_dropped_lines_are_counted_and_zero_dropped_lines_are_recorded_as_zero()
    {
        var metrics = new LogMetrics(Meters);
        using var lines = new MetricCollector<long>(Meters, LogMetrics.MeterName, "deploycard.log.lines");
        using var dropped = new MetricCollector<long>(Meters, LogMetrics.MeterName, "deploycard.log.dropped_lines");

        metrics.RecordLines(Iris, [Line(0), Line(0)]);
        lines.LastMeasurement.ShouldNotBeNull().Value.ShouldBe(2);
        dropped.LastMeasurement.ShouldNotBeNull().Value.ShouldBe(0);

        metrics.RecordLines(Iris, [Line(0), Line(40), Line(2)]);
        lines.LastMeasurement.Value.ShouldBe(3);
        dropped.LastMeasurement.Value.ShouldBe(42);
        dropped.LastMeasurement.Tags["deploycard.deployment"].ShouldBe("iris");
    }

    private static PodLogLine Line(long droppedLines) => new(DateTimeOffset.UnixEpoch, LogStream.Stdout, "a line", droppedLines);
}
