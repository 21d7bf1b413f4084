using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Support.Observability;

/// <summary>Three silos under a load that produces every metric, and a real Prometheus that scrapes them.</summary>
public sealed class MeasuredCluster()
    : SiloFixture(
        new()
        {
            Silos = 3,
            HasReceiver = true,
            HasMetrics = true,
            Settings = ["--Callbacks:MaxDeliveryAge", "00:00:01"],
        }
    )
{
    private AllMetricsLoad? load;
    private PrometheusServer? prometheus;

    internal PrometheusServer Prometheus => prometheus ?? throw new InvalidOperationException("Prometheus was not started.");

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Receiver.RespondAt("refuses", 500);
        load = await AllMetricsLoad.Start(Silos, Receiver);
        prometheus = await PrometheusServer.Run(MetricsTargets, MonitoringFiles.Prometheus("rules.yml"));
    }

    public override async ValueTask DisposeAsync()
    {
        if (prometheus is not null)
            await prometheus.DisposeAsync();
        if (load is not null)
            await load.DisposeAsync();
        await base.DisposeAsync();
    }
}
