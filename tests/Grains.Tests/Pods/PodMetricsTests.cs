using System.Diagnostics.Metrics;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.Grains.Tests.Pods;

public sealed class PodMetricsTests : IDisposable
{
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly PodMetrics metrics;
    private readonly MeterListener listener = new();
    private readonly List<(int Count, string? Deployment, string? Phase)> measured = [];

    public PodMetricsTests()
    {
        var meters = services.GetRequiredService<IMeterFactory>();
        metrics = new(meters);
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Name == "deploycard.pods")
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((_, count, tags, _) => measured.Add((count, (string?)tags[0].Value, (string?)tags[1].Value)));
        listener.Start();
    }

    public void Dispose()
    {
        listener.Dispose();
        services.Dispose();
    }

    [Fact]
    public void Pods_are_counted_by_deployment_and_phase_until_there_are_none()
    {
        metrics.Has(DeploymentName.Parse("iris"), [Pod("iris", PodPhase.Ready), Pod("iris", PodPhase.Ready), Pod("iris", PodPhase.Starting)]);
        metrics.Has(DeploymentName.Parse("digits"), [Pod("digits", PodPhase.Failed)]);
        listener.RecordObservableInstruments();
        measured.ShouldBe([(1, "digits", "failed"), (2, "iris", "ready"), (1, "iris", "starting")]);

        measured.Clear();
        metrics.Has(DeploymentName.Parse("iris"), []);
        listener.RecordObservableInstruments();
        measured.ShouldBe([(1, "digits", "failed")]);
    }

    [Fact]
    public void Deployments_beyond_the_bound_are_counted_together()
    {
        for (var n = 0; n < PodMetrics.MostDeployments + 5; n++)
            metrics.Has(DeploymentName.Parse($"d{n:00000}"), [Pod($"d{n:00000}", PodPhase.Ready)]);

        listener.RecordObservableInstruments();

        measured.Count.ShouldBe(PodMetrics.MostDeployments + 1);
        measured.ShouldContain((5, "_other", "ready"));
    }

    private static PodObservation Pod(string deployment, PodPhase phase) => new()
    {
        Name = new($"{deployment}-1-{phase}"), Deployment = DeploymentName.Parse(deployment), Revision = 1, Phase = phase, CreatedAt = DateTimeOffset.UnixEpoch,
    };
}
