using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Gateway.Targets;

/// <summary>One pod, and every way to it: the silo starts the pod, the peers forward to the very same process.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private const string Deployment = "bench";

    private readonly string folder = Directory.CreateTempSubdirectory("deploycard-bench-").FullName;
    private readonly List<IAsyncDisposable> started = [];

    private Stage() { }

    public SiloServer Silo { get; private set; } = null!;

    /// <summary>In the order of the tables' columns.</summary>
    public IReadOnlyList<Target> Targets { get; private set; } = [];

    public static async Task<Stage> Raise(CancellationToken cancellationToken)
    {
        var stage = new Stage();
        try
        {
            await stage.Start(cancellationToken);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
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
        Silo = Owned(await SiloServer.Start(folder, cancellationToken));
        var key = await Silo.Card.Deploy(Deployment, "1-1", cancellationToken);
        var ours = new Target(Target.DeployCard, Silo.PredictOrigin(Deployment), key, [Silo.ProcessId]);
        var pod = $"http://127.0.0.1:{await PortOfPod(ours, cancellationToken)}";

        var (yarp, yarpOrigin) = await BareYarpServer.Start(pod, cancellationToken);
        Owned(yarp);
        Targets =
        [
            new(Target.Alone, pod, key, []),
            new(Target.BareYarp, yarpOrigin, key, [yarp.Id]),
            .. await Nginx(pod, key, cancellationToken),
            ours,
        ];
    }

    private async Task<IReadOnlyList<Target>> Nginx(string pod, string key, CancellationToken cancellationToken)
    {
        if (Tool.Find("nginx") is not { } nginx)
            return [];
        var (process, origin) = await NginxServer.Start(nginx, pod, key, Path.Combine(folder, "nginx"), cancellationToken);
        Owned(process);
        return [new(Target.Nginx, origin, key, process.Children())];
    }

    private static async Task<string> PortOfPod(Target target, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add(Target.KeyHeader, target.Key);
        return await http.GetStringAsync(new Uri(target.Url("/port")), cancellationToken);
    }

    private T Owned<T>(T server)
        where T : IAsyncDisposable
    {
        started.Add(server);
        return server;
    }
}
