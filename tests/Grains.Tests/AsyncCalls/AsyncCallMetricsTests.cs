using System.Diagnostics.Metrics;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Names;
using DeployCard.Domain.AsyncCalls;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class AsyncCallMetricsTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly AsyncCallMetrics metrics;

    public AsyncCallMetricsTests() => metrics = new(Meters, new FakeTimeProvider(Start));

    private IMeterFactory Meters => services.GetRequiredService<IMeterFactory>();

    public void Dispose() => services.Dispose();

    [Fact]
    public void Call_duration_is_measured_from_acceptance_to_end()
    {
        using var accepted = new MetricCollector<long>(Meters, AsyncCallMetrics.MeterName, "deploycard.async_call.accepted");
        using var life = new MetricCollector<double>(Meters, AsyncCallMetrics.MeterName, "deploycard.async_call.duration");

        metrics.RecordAccepted("iris");
        metrics.RecordEnded(
            new()
            {
                Id = CallId.Create(Start),
                Deployment = DeploymentName.Parse("iris"),
                Status = CallStatus.Error,
                ErrorCode = CallErrorCode.HealthTimeout,
                CreatedAt = Start,
                EndedAt = Start.AddSeconds(7),
                Method = "POST",
                Path = "/",
                Attempts = [],
                Limits = CallLimits.Default,
            }
        );

        accepted.LastMeasurement.ShouldNotBeNull().Tags["deploycard.deployment"].ShouldBe("iris");
        var ended = life.LastMeasurement.ShouldNotBeNull();
        ended.Value.ShouldBe(7);
        ended.Tags["deploycard.async_call.status"].ShouldBe("ERROR");
        ended.Tags["error.type"].ShouldBe("HEALTH_TIMEOUT");
    }

    [Fact]
    public void Oldest_age_is_reported_and_is_0_without_waiting_calls()
    {
        using var age = new MetricCollector<double>(Meters, AsyncCallMetrics.MeterName, "deploycard.async_call.oldest.age");
        var size = new QueueUsage { OldestPendingAt = Start.AddSeconds(-90) };
        metrics.TrackQueue(DeploymentName.Parse("iris"), size);

        age.RecordObservableInstruments();
        age.LastMeasurement.ShouldNotBeNull().Value.ShouldBe(90);

        size.OldestPendingAt = null;
        age.RecordObservableInstruments();
        age.LastMeasurement.Value.ShouldBe(0);
    }

    [Fact]
    public void Attempt_duration_is_measured_with_status_and_error()
    {
        using var attempts = new MetricCollector<double>(Meters, AsyncCallMetrics.MeterName, "deploycard.async_call.attempt.duration");

        metrics.RecordAttempt("iris", new(1, Start, Start.AddSeconds(2), "pod", 503, CallErrorCode.PodError));

        var attempt = attempts.LastMeasurement.ShouldNotBeNull();
        attempt.Value.ShouldBe(2);
        attempt.Tags["http.response.status_code"].ShouldBe(503);
        attempt.Tags["error.type"].ShouldBe("POD_ERROR");
    }

    [Fact]
    public void Open_calls_are_reported_only_while_their_queue_is_tracked()
    {
        using var open = new MetricCollector<long>(Meters, AsyncCallMetrics.MeterName, "deploycard.async_call.pending");
        var size = new QueueUsage();
        size.Reserve(10, new DeploymentConfiguration { AsyncQueueLength = 5, AsyncQueueBytes = 100 });
        metrics.TrackQueue(DeploymentName.Parse("iris"), size);

        open.RecordObservableInstruments();
        open.LastMeasurement.ShouldNotBeNull().Value.ShouldBe(1);

        metrics.UntrackQueue(DeploymentName.Parse("iris"), size);
        open.Clear();
        open.RecordObservableInstruments();
        open.LastMeasurement.ShouldBeNull();
    }
}
