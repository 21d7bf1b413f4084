using System.Diagnostics.Metrics;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Domain.Pods;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.Grains.Tests.Pods;

public sealed class PodMetricsTests : IDisposable
{
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly PodMetrics metrics;
    private readonly MeterListener listener = new();
    private readonly List<(int Count, string? Deployment, string? Phase)> measured = [];
    private readonly Dictionary<string, long> counted = [];

    public PodMetricsTests()
    {
        var meters = services.GetRequiredService<IMeterFactory>();
        metrics = new(meters, new TrafficRegistry(TimeProvider.System));
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Meter.Name == PodMetrics.MeterName)
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>(
            (_, count, tags, _) => measured.Add((count, (string?)tags[0].Value, (string?)tags[1].Value))
        );
        listener.SetMeasurementEventCallback<long>(
            (instrument, count, _, _) => counted[instrument.Name] = counted.GetValueOrDefault(instrument.Name) + count
        );
        listener.Start();
    }

    public void Dispose()
    {
        listener.Dispose();
        services.Dispose();
    }

    [Fact]
    public void Pods_are_counted_by_deployment_and_phase_until_they_end()
    {
        metrics.Update(
            DeploymentName.Parse("iris"),
            [Pod("iris", PodPhase.Ready), Pod("iris", PodPhase.Ready), Pod("iris", PodPhase.Starting)]
        );
        metrics.Update(DeploymentName.Parse("digits"), [Pod("digits", PodPhase.Failed)]);
        listener.RecordObservableInstruments();
        measured.ShouldBe([(1, "digits", "failed"), (2, "iris", "ready"), (1, "iris", "starting")]);

        measured.Clear();
        metrics.Update(DeploymentName.Parse("iris"), []);
        listener.RecordObservableInstruments();
        measured.ShouldBe([(1, "digits", "failed")]);
    }

    [Fact]
    public void Deployments_beyond_the_limit_are_counted_together()
    {
        for (var n = 0; n < PodMetrics.MaxDeployments + 5; n++)
            metrics.Update(DeploymentName.Parse($"d{n:00000}"), [Pod($"d{n:00000}", PodPhase.Ready)]);

        listener.RecordObservableInstruments();

        measured.Count.ShouldBe(PodMetrics.MaxDeployments + 1);
        measured.ShouldContain((5, "_other", "ready"));
    }

    [Fact]
    public void Crash_with_its_failure_and_restart_is_counted_once()
    {
        var pod = Pod("iris", PodPhase.Starting);

        Update(pod);
        Update(pod with { Phase = PodPhase.Failed });
        Update(pod with { Phase = PodPhase.Failed });
        Update(pod with { Restarts = 1 });
        Update(pod with { Phase = PodPhase.Ready, Restarts = 1 });

        Counted("deploycard.pod.crashes").ShouldBe(1);
        Counted("deploycard.pod.restarts").ShouldBe(1);
    }

    [Fact]
    public void Crashes_between_two_updates_are_counted_with_the_later_one()
    {
        var pod = Pod("iris", PodPhase.Ready);

        Update(pod);
        Update(pod with { Restarts = 3 });

        Counted("deploycard.pod.crashes").ShouldBe(3);
        Counted("deploycard.pod.restarts").ShouldBe(3);
    }

    [Fact]
    public void Failures_before_the_first_update_are_not_counted()
    {
        Update(Pod("iris", PodPhase.Failed) with { Restarts = 5 });

        Counted("deploycard.pod.crashes").ShouldBe(0);
        counted.ShouldContainKey("deploycard.pod.crashes", "the series exists after the first update");
    }

    private void Update(PodObservation pod) => metrics.Update(pod.Deployment, [pod with { Name = new("iris-1-a") }]);

    private long Counted(string name) => counted[name];

    private static PodObservation Pod(string deployment, PodPhase phase) =>
        new()
        {
            Name = new($"{deployment}-1-{phase}"),
            Deployment = DeploymentName.Parse(deployment),
            Revision = 1,
            Phase = phase,
            CreatedAt = DateTimeOffset.UnixEpoch,
        };
}
