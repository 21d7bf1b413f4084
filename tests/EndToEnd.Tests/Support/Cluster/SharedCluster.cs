namespace DeployCard.EndToEnd.Tests.Support.Cluster;

/// <summary>One cluster of three silos for all tests that break nothing of it.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    private SiloCluster? cluster;
    private Card[] cards = [];

    internal SiloCluster Cluster => cluster!;

    /// <summary>The card of each silo.</summary>
    internal IReadOnlyList<Card> Cards => cards;

    public async ValueTask InitializeAsync()
    {
        cluster = await SiloCluster.Start(CancellationToken.None);
        cards = [.. cluster.Silos.Select(silo => new Card(silo))];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var card in cards)
            card.Dispose();
        if (cluster is not null)
            await cluster.DisposeAsync();
    }
}
