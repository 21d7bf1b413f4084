using System.Diagnostics.Metrics;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Routing;
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
    public void A_call_is_measured_from_its_acceptance_to_its_end()
    {
        using var accepted = new MetricCollector<long>(Meters, AsyncCallMetrics.MeterName, "deploycard.async_call.accepted");
        using var life = new MetricCollector<double>(Meters, AsyncCallMetrics.MeterName, "deploycard.async_call.duration");

        metrics.Accepted("iris");
        metrics.Ended(
            new()
            {
                Id = CallId.New(Start),
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
    public void The_age_of_the_oldest_call_that_waits_is_told_and_none_is_no_age()
    {
        using var age = new MetricCollector<double>(Meters, AsyncCallMetrics.MeterName, "deploycard.async_call.oldest.age");
        var size = new QueueSize { OldestAt = Start.AddSeconds(-90) };
        metrics.Has(DeploymentName.Parse("iris"), size);

        age.RecordObservableInstruments();
        age.LastMeasurement.ShouldNotBeNull().Value.ShouldBe(90);

        size.OldestAt = null;
        age.RecordObservableInstruments();
        age.LastMeasurement.Value.ShouldBe(0);
    }

    [Fact]
    public void An_attempt_is_measured_with_what_came_of_it()
    {
        using var attempts = new MetricCollector<double>(Meters, AsyncCallMetrics.MeterName, "deploycard.async_call.attempt.duration");

        metrics.Attempted("iris", new(1, Start, Start.AddSeconds(2), "pod", 503, CallErrorCode.PodError));

        var attempt = attempts.LastMeasurement.ShouldNotBeNull();
        attempt.Value.ShouldBe(2);
        attempt.Tags["http.response.status_code"].ShouldBe(503);
        attempt.Tags["error.type"].ShouldBe("POD_ERROR");
    }

    [Fact]
    public void Open_calls_are_counted_where_their_queue_is()
    {
        using var open = new MetricCollector<long>(Meters, AsyncCallMetrics.MeterName, "deploycard.async_call.open");
        var size = new QueueSize();
        size.Take(10, new RouteLimits { AsyncQueueLength = 5, AsyncQueueBytes = 100 });
        metrics.Has(DeploymentName.Parse("iris"), size);

        open.RecordObservableInstruments();
        open.LastMeasurement.ShouldNotBeNull().Value.ShouldBe(1);

        metrics.HasNot(DeploymentName.Parse("iris"), size);
        open.Clear();
        open.RecordObservableInstruments();
        open.LastMeasurement.ShouldBeNull();
    }
}
