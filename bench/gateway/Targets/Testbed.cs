using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Gateway.Targets;

/// <summary>The silo, the pod that it starts, and the peers, which forward to the same pod process.</summary>
internal sealed class Testbed : IAsyncDisposable
{
    private const string Deployment = "bench";

    private readonly string folder = Directory.CreateTempSubdirectory("deploycard-bench-").FullName;
    private readonly List<IAsyncDisposable> started = [];

    private Testbed() { }

    public SiloServer Silo { get; private set; } = null!;

    /// <summary>Targets in the order of the table rows.</summary>
    public IReadOnlyList<Target> Targets { get; private set; } = [];

    /// <summary>Starts all servers; nginx only if it is installed.</summary>
    public static async Task<Testbed> Create(CancellationToken cancellationToken)
    {
        var testbed = new Testbed();
        try
        {
            await testbed.Start(cancellationToken);
            return testbed;
        }
        catch
        {
            await testbed.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in Enumerable.Reverse(started))
            await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private async Task Start(CancellationToken cancellationToken)
    {
        Silo = Track(await SiloServer.Start(folder, cancellationToken));
        var key = await Silo.Card.Deploy(Deployment, "1-1", cancellationToken);
        var ours = new Target(Target.DeployCard, Silo.GetPredictOrigin(Deployment), key, [Silo.ProcessId]);
        var pod = $"http://127.0.0.1:{await GetPodPort(ours, cancellationToken)}";

        var (yarp, yarpOrigin) = await BareYarpServer.Start(pod, cancellationToken);
        Track(yarp);
        Targets =
        [
            new(Target.PodAlone, pod, key, []),
            new(Target.BareYarp, yarpOrigin, key, [yarp.Id]),
            .. await StartNginx(pod, key, cancellationToken),
            ours,
        ];
    }

    private async Task<IReadOnlyList<Target>> StartNginx(string pod, string key, CancellationToken cancellationToken)
    {
        if (Tool.Find("nginx") is not { } nginx)
            return [];
        var (process, origin) = await NginxServer.Start(nginx, pod, key, Path.Combine(folder, "nginx"), cancellationToken);
        Track(process);
        return [new(Target.Nginx, origin, key, process.GetChildren())];
    }

    private static async Task<string> GetPodPort(Target target, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add(Target.KeyHeader, target.Key);
        return await http.GetStringAsync(new Uri(target.GetUrl("/port")), cancellationToken);
    }

    private T Track<T>(T server)
        where T : IAsyncDisposable
    {
        started.Add(server);
        return server;
    }
}
