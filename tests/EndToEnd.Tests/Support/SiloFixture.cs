using DeployCard.EndToEnd.Tests.Support.Cluster;
using DeployCard.EndToEnd.Tests.Support.Observability;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>
/// Starts what a <see cref="SiloSetup"/> describes, and ends it after the tests. A silo of the fixture must exit with code 0 and leave no
/// pods behind. Deployments on a shared silo are deleted.
/// </summary>
public abstract class SiloFixture : IAsyncLifetime
{
    private readonly SiloSetup setup;
    private readonly int[] metricsPorts;
    private readonly List<IAsyncDisposable> servers = [];
    private Receiver? receiver;
    private Collector? collector;
    private EchoDeployment? echo;

    private protected SiloFixture(SiloSetup setup)
    {
        this.setup = setup;
        metricsPorts = setup.HasMetrics ? [.. Enumerable.Range(0, setup.Silos).Select(_ => TestPorts.FindFree())] : [];
    }

    internal IReadOnlyList<SiloProcess> Silos { get; private set; } = [];

    /// <summary>A client of each silo, which only this fixture uses.</summary>
    internal IReadOnlyList<Card> Cards { get; private set; } = [];

    /// <summary>The client of the first silo.</summary>
    internal Card Card => Cards[0];

    internal Receiver Receiver => receiver ?? throw new InvalidOperationException($"The setup of {GetType().Name} has no receiver.");

    internal Collector Collector => collector ?? throw new InvalidOperationException($"The setup of {GetType().Name} has no collector.");

    /// <summary>Name and key of the deployment of the setup.</summary>
    internal (string Name, string Key) Deployment { get; private set; }

    /// <summary>The deployment of the setup, if its image is <c>echo</c>.</summary>
    internal EchoDeployment Echo => echo ?? throw new InvalidOperationException($"The setup of {GetType().Name} has no echo deployment.");

    /// <summary>Addresses of the metrics of the silos, as host and port.</summary>
    internal IEnumerable<string> MetricsTargets => metricsPorts.Select(port => $"127.0.0.1:{port}");

    /// <summary>Returns a deployment name that no other test uses.</summary>
    public string NewName(string beginning) => $"{beginning}-{Card.Silo.NextNumber()}";

    /// <summary>Returns the metrics address of a silo.</summary>
    internal Uri MetricsOf(int silo) => new($"http://127.0.0.1:{metricsPorts[silo]}/metrics");

    public virtual async ValueTask InitializeAsync()
    {
        if (setup.HasReceiver)
            servers.Add(receiver = await Receiver.Start());
        if (setup.HasCollector)
            servers.Add(collector = await Collector.Start());
        Silos = await StartSilos();
        Cards = [.. Silos.Select(silo => new Card(silo))];
        if (setup.Image is not { } image)
            return;
        var name = NewName(image);
        Deployment = (name, await Card.Deploy(name, image, new { pods = setup.Pods }));
        if (image == EchoDeployment.Image)
            echo = await EchoDeployment.Open(Card, name, Deployment.Key);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        // Otherwise the pods of these deployments would run until the last test class has ended.
        if (setup.Shared is not null && Cards.Count > 0)
            await Card.DeleteDeployments();
        foreach (var card in Cards)
            card.Dispose();
        if (setup is { Shared: null, Silos: 1 } && Silos.Count > 0)
            await Silos[0].ShutDown();
        foreach (var server in Enumerable.Reverse(servers))
            await server.DisposeAsync();
    }

    private async Task<IReadOnlyList<SiloProcess>> StartSilos()
    {
        if (setup.Shared is { } shared)
            return [await shared.Process];
        if (setup.Silos == 1)
            return [await SiloProcess.Start(CancellationToken.None, SettingsOf(0))];
        var cluster = await SiloCluster.Start(CancellationToken.None, setup.Silos, SettingsOf);
        servers.Add(cluster);
        return cluster.Silos;
    }

    private string[] SettingsOf(int silo) =>
        [
            .. setup.Settings,
            .. setup.HasReceiver ? SiloSetup.AllowLoopback : [],
            .. setup.HasCollector ? ["--Otlp:Endpoint", Collector.HttpEndpoint, "--Otlp:Protocol", "HttpProtobuf"] : Array.Empty<string>(),
            .. setup.HasMetrics ? ["--Metrics:Url", $"http://127.0.0.1:{metricsPorts[silo]}"] : Array.Empty<string>(),
        ];
}
