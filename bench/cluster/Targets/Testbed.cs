using System.Security.Cryptography;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Targets;
using DeployCard.Tests.Support;

namespace DeployCard.Bench.Cluster.Targets;

/// <summary>A PostgreSQL server and the silos that share one of its databases.</summary>
internal sealed class Testbed : IAsyncDisposable
{
    private readonly PostgresServer server;
    private readonly List<string> folders = [];
    private readonly List<SiloServer> silos = [];

    private Testbed(PostgresServer server) => this.server = server;

    public IReadOnlyList<SiloServer> Silos => silos;

    public SiloServer Silo => silos[0];

    public ClusterDatabase Database { get; private set; } = null!;

    /// <summary>Processor time used so far by the running silos, the database server and the running pods, in seconds.</summary>
    public CpuCost CpuSeconds =>
        new(
            silos.Sum(s => ProcessorTime.GetSeconds(s.ProcessId)),
            ProcessorTime.GetTreeSeconds(server.ProcessId),
            silos.Sum(s => s.GetChildren().Sum(ProcessorTime.GetTreeSeconds))
        );

    /// <summary>Starts the PostgreSQL server, with durable commits.</summary>
    public static async Task<Testbed> Create() =>
        new(
            await PostgresServer.Run(
                isDurable: true,
                ("shared_buffers", "512MB"),
                ("max_wal_size", "4GB"),
                ("checkpoint_timeout", "15min"),
                ("track_wal_io_timing", "on")
            )
        );

    /// <summary>Stops all silos, creates an empty database and starts the given number of silos on it.</summary>
    public async Task Reset(int count, CancellationToken cancellationToken)
    {
        await StopSilos();
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

    /// <summary>Restarts the first silo on the existing database. Returns the time from its start until it is ready.</summary>
    public async Task<TimeSpan> RestartSilo(CancellationToken cancellationToken)
    {
        await Silo.DisposeAsync();
        var began = TimeProvider.System.GetTimestamp();
        silos[0] = await Silo.StartAgain(cancellationToken);
        return TimeProvider.System.GetElapsedTime(began);
    }

    public async ValueTask DisposeAsync()
    {
        await StopSilos();
        if (Database is not null)
            await Database.DisposeAsync();
        await server.DisposeAsync();
        foreach (var folder in folders)
            Directory.Delete(folder, recursive: true);
    }

    private async Task StopSilos()
    {
        foreach (var silo in silos)
            await silo.DisposeAsync();
        silos.Clear();
    }
}
