using System.Security.Cryptography;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Targets;
using DeployCard.Tests.Support;

namespace DeployCard.Bench.Cluster.Targets;

/// <summary>A PostgreSQL server, and the silos that share one of its databases.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly PostgresServer server;
    private readonly List<string> folders = [];
    private readonly List<SiloServer> silos = [];

    private Stage(PostgresServer server) => this.server = server;

    public IReadOnlyList<SiloServer> Silos => silos;

    public SiloServer Silo => silos[0];

    public ClusterDatabase Database { get; private set; } = null!;

    /// <summary>Processor time so far, in seconds.</summary>
    public Cost Spent =>
        new(
            silos.Sum(s => ProcessorTime.Of(s.ProcessId)),
            ProcessorTime.OfFamily(server.ProcessId),
            silos.Sum(s => s.Children().Sum(ProcessorTime.OfFamily))
        );

    public static async Task<Stage> Raise() =>
        new(
            await PostgresServer.Run(
                isDurable: true,
                ("shared_buffers", "512MB"),
                ("max_wal_size", "4GB"),
                ("checkpoint_timeout", "15min"),
                ("track_wal_io_timing", "on")
            )
        );

    /// <summary>Begins anew: an empty database, and so many silos on it.</summary>
    public async Task Open(int count, CancellationToken cancellationToken)
    {
        await End();
        if (Database is not null)
            await Database.DisposeAsync();
        var database = await server.CreateDatabase();
        Database = new(database);
        folders.Add(Directory.CreateTempSubdirectory("deploycard-bench-").FullName);
        silos.Add(
            await SiloServer.Start(
                folders[^1],
                [
                    "--Storage:Provider",
                    "PostgreSql",
                    "--Storage:ConnectionString",
                    database,
                    "--Cluster:SharedMachine",
                    "true",
                    "--Cluster:SiloPort",
                    "0",
                    "--Cluster:Secret",
                    Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
                    "--Cluster:DrainTimeout",
                    "0",
                ],
                cancellationToken
            )
        );
        for (var i = 1; i < count; i++)
            silos.Add(await Silo.StartAgain(cancellationToken));
    }

    /// <summary>Ends the silo, and starts it on what is there. Returns how long it took until it was ready.</summary>
    public async Task<TimeSpan> Restart(CancellationToken cancellationToken)
    {
        await Silo.DisposeAsync();
        var began = TimeProvider.System.GetTimestamp();
        silos[0] = await Silo.StartAgain(cancellationToken);
        return TimeProvider.System.GetElapsedTime(began);
    }

    public async ValueTask DisposeAsync()
    {
        await End();
        if (Database is not null)
            await Database.DisposeAsync();
        await server.DisposeAsync();
        foreach (var folder in folders)
            Directory.Delete(folder, recursive: true);
    }

    private async Task End()
    {
        foreach (var silo in silos)
            await silo.DisposeAsync();
        silos.Clear();
    }
}
