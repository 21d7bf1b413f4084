using DeployCard.EndToEnd.Tests.Support.Cluster;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Support.Observability;

/// <summary>Three silos under a load that produces every metric, and a real Prometheus that scrapes them.</summary>
public sealed class MeasuredCluster : IAsyncLifetime
{
    private readonly int[] ports = [TestPorts.FindFree(), TestPorts.FindFree(), TestPorts.FindFree()];
    private SiloCluster? cluster;
    private Receiver? receiver;
    private AllMetricsLoad? load;

    internal PrometheusServer Prometheus { get; private set; } = null!;

    internal IReadOnlyList<SiloProcess> Silos => cluster!.Silos;

    /// <summary>Returns the metrics address of a silo.</summary>
    internal Uri MetricsOf(int silo) => new($"http://127.0.0.1:{ports[silo]}/metrics");

    public async ValueTask InitializeAsync()
    {
        cluster = await SiloCluster.Start(
            CancellationToken.None,
            3,
            silo =>
                [
                    .. CallbackSilo.AllowLoopback,
                    "--Callbacks:MaxDeliveryAge",
                    "00:00:01",
                    "--Metrics:Url",
                    $"http://127.0.0.1:{ports[silo]}",
                ]
        );
        receiver = await Receiver.Start();
        receiver.RespondAt("refuses", 500);
        load = await AllMetricsLoad.Start(cluster.Silos, receiver);
        Prometheus = await PrometheusServer.Run(ports.Select(port => $"127.0.0.1:{port}"), MonitoringFiles.Prometheus("rules.yml"));
    }

    public async ValueTask DisposeAsync()
    {
        if (Prometheus is not null)
            await Prometheus.DisposeAsync();
        if (load is not null)
            await load.DisposeAsync();
        if (receiver is not null)
            await receiver.DisposeAsync();
        if (cluster is not null)
            await cluster.DisposeAsync();
    }
}
