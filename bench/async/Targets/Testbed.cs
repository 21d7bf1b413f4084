using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Targets;

namespace DeployCard.Bench.Async.Targets;

/// <summary>A silo with one pod, and the peer if a benchmark starts it; each has its own database.</summary>
internal sealed class Testbed : IAsyncDisposable
{
    public const string Deployment = "bench";
    public const string Peer = "bare endpoint";

    private readonly string folder = Directory.CreateTempSubdirectory("deploycard-bench-").FullName;
    private ServerProcess? peer;
    private string key = "";

    private Testbed() { }

    public SiloServer Silo { get; private set; } = null!;

    /// <summary>The calls in the database of the silo, read and prepared without the silo.</summary>
    public CallDatabase Calls => new(Silo.DatabasePath);

    /// <summary>Target of asynchronous calls to the deployment.</summary>
    public Target SiloTarget =>
        new(Target.DeployCard, Silo.GetPredictOrigin(Deployment), key, [Silo.ProcessId]) { Headers = ["X-Async-Request: true"] };

    /// <summary>Returns the path of a file in the temporary folder.</summary>
    public string GetPath(string name) => Path.Combine(folder, name);

    /// <summary>Starts the silo, creates the deployment and waits for its pod.</summary>
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

    /// <summary>Starts the peer and returns its target and the calls in its database.</summary>
    public async Task<(Target Target, CallDatabase Calls)> StartPeer(CancellationToken cancellationToken)
    {
        var origin = $"http://127.0.0.1:{Ports.FindFree()}";
        var database = GetPath("bare.db");
        peer = await ServerProcess.Start(
            new("dotnet", [BuildOutput.BareAccept, "--urls", origin, "--database", database]),
            new($"{origin}/healthz"),
            TimeSpan.FromMilliseconds(50),
            cancellationToken
        );
        return (new(Peer, origin, key, [peer.Id]) { Headers = SiloTarget.Headers }, new(database));
    }

    /// <summary>Stops the silo, changes its database, starts the silo again and waits for its pod.</summary>
    public async Task Restart(Action<CallDatabase> whileStopped, CancellationToken cancellationToken)
    {
        await Silo.DisposeAsync();
        whileStopped(Calls);
        await StartAgain(cancellationToken);
        await WaitForPod(cancellationToken);
    }

    /// <summary>Starts the silo again after it was killed.</summary>
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
        await WaitForPod(cancellationToken);
    }

    private Task WaitForPod(CancellationToken cancellationToken) =>
        Silo.Card.WaitForPods(Deployment, pods => pods.Any(p => p.IsReady), cancellationToken);
}
