using DeployCard.EndToEnd.Tests.Support.Observability;

namespace DeployCard.EndToEnd.Tests.Support.Cluster;

/// <summary>One cluster of three silos for all tests that do not stop or break any of them.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    private SiloCluster? cluster;
    private Card[] cards = [];
    private Collector? collector;

    internal SiloCluster Cluster => cluster!;

    /// <summary>Collector that receives the spans of all silos.</summary>
    internal Collector Collector => collector!;

    /// <summary>A client of each silo.</summary>
    internal IReadOnlyList<Card> Cards => cards;

    public async ValueTask InitializeAsync()
    {
        collector = await Collector.Start();
        cluster = await SiloCluster.Start(
            CancellationToken.None,
            3,
            _ =>
                [
                    "--Otlp:Endpoint",
                    Collector.HttpEndpoint,
                    "--Otlp:Protocol",
                    "HttpProtobuf",
                    "--Otlp:Metrics",
                    "false",
                    "--Otlp:Logs",
                    "false",
                ]
        );
        cards = [.. cluster.Silos.Select(silo => new Card(silo))];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var card in cards)
            card.Dispose();
        if (cluster is not null)
            await cluster.DisposeAsync();
        if (collector is not null)
            await collector.DisposeAsync();
    }
}
