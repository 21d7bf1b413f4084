using System.Diagnostics.Metrics;
using DeployCard.Contracts.Storage;
using DeployCard.Storage.Sql;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Orleans.Storage;

namespace DeployCard.Grains.Tests.Storage;

public sealed class StorageMetricsTests : IDisposable
{
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly StorageMetrics metrics;
    private readonly MetricCollector<double> duration;

    public StorageMetricsTests()
    {
        var meters = services.GetRequiredService<IMeterFactory>();
        (metrics, duration) = (new(meters), new(meters, StorageMetrics.MeterName, "deploycard.storage.operation.duration"));
    }

    public void Dispose()
    {
        duration.Dispose();
        services.Dispose();
    }

    [Fact]
    public async Task Successful_operation_is_measured_without_an_error_tag()
    {
        await metrics.Measure("write", () => Task.CompletedTask);

        var measured = duration.LastMeasurement.ShouldNotBeNull();
        measured.Value.ShouldBeInRange(0, 60);
        measured.Tags["deploycard.storage.operation"].ShouldBe("write");
        measured.Tags.ContainsKey("error.type").ShouldBeFalse();
    }

    [Fact]
    public async Task Storage_failures_and_version_conflicts_have_different_error_tags_and_reach_the_caller()
    {
        await Should.ThrowAsync<StorageException>(() => metrics.Measure("read", () => throw new StorageException("unavailable")));
        duration.LastMeasurement.ShouldNotBeNull().Tags["error.type"].ShouldBe("storage");

        await Should.ThrowAsync<InconsistentStateException>(() =>
            metrics.Measure("write", () => throw new InconsistentStateException("late"))
        );
        duration.LastMeasurement.Tags["error.type"].ShouldBe("InconsistentStateException");
    }
}
