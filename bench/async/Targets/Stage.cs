using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Async.Targets;

/// <summary>A silo with one pod, and the peer where it is wanted; each with a database of its own.</summary>
internal sealed class Stage : IAsyncDisposable
{
    public const string Deployment = "bench";
    public const string Peer = "bare end point";

    private readonly string folder = Directory.CreateTempSubdirectory("deploycard-bench-").FullName;
    private ServerProcess? peer;
    private string key = "";

    private Stage() { }

    public SiloServer Silo { get; private set; } = null!;

    /// <summary>The deployment's calls, read and prepared beside the silo.</summary>
    public CallDatabase Calls => new(Silo.Database);

    /// <summary>The deployment, for asynchronous calls.</summary>
    public Target Ours =>
        new(Target.DeployCard, Silo.PredictOrigin(Deployment), key, [Silo.ProcessId]) { Headers = ["X-Async-Request: true"] };

    /// <summary>A file in the folder of this stage.</summary>
    public string File(string name) => Path.Combine(folder, name);

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

    /// <summary>Starts the peer.</summary>
    public async Task<(Target Target, CallDatabase Calls)> StartPeer(CancellationToken cancellationToken)
    {
        var origin = $"http://127.0.0.1:{Ports.Free()}";
        var database = File("bare.db");
        peer = await ServerProcess.Start(
            new("dotnet", [Built.BareAccept, "--urls", origin, "--database", database]),
            new($"{origin}/healthz"),
            TimeSpan.FromMilliseconds(50),
            cancellationToken
        );
        return (new(Peer, origin, key, [peer.Id]) { Headers = Ours.Headers }, new(database));
    }

    /// <summary>Starts the silo anew on what it has stored, with its pod; meanwhile nobody else writes there.</summary>
    public async Task Restart(Action<CallDatabase> meanwhile, CancellationToken cancellationToken)
    {
        await Silo.DisposeAsync();
        meanwhile(Calls);
        await StartAgain(cancellationToken);
        await PodIsReady(cancellationToken);
    }

    /// <summary>Starts the silo anew, after it was killed.</summary>
    public async Task StartAgain(CancellationToken cancellationToken) => Silo = await Silo.StartAgain(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (peer is not null)
            await peer.DisposeAsync();
        if (Silo is not null)
            await Silo.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private async Task Start(CancellationToken cancellationToken)
    {
        Silo = await SiloServer.Start(folder, cancellationToken);
        key = await Silo.Card.Deploy(Deployment, "1-1", cancellationToken);
        await PodIsReady(cancellationToken);
    }

    private Task PodIsReady(CancellationToken cancellationToken) =>
        Silo.Card.WaitForPods(Deployment, pods => pods.Any(p => p.IsReady), cancellationToken);
}
