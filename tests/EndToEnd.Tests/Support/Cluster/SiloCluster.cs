using System.Security.Cryptography;
using DeployCard.EndToEnd.Tests.Support.Crash;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Support.Cluster;

/// <summary>Several silos as real processes on this machine, with their own PostgreSQL server.</summary>
internal sealed class SiloCluster : IAsyncDisposable
{
    private SiloCluster(PostgresServer database, IReadOnlyList<SiloProcess> silos) => (Database, Silos) = (database, silos);

    public PostgresServer Database { get; }

    public IReadOnlyList<SiloProcess> Silos { get; }

    /// <summary>Starts the silos concurrently on an empty database.</summary>
    /// <param name="cancellationToken">Token that cancels waiting for the silos.</param>
    /// <param name="count">Number of silos to start.</param>
    /// <param name="more">Returns additional settings of a silo by its index; null to add nothing.</param>
    public static async Task<SiloCluster> Start(CancellationToken cancellationToken, int count = 3, Func<int, string[]>? more = null)
    {
        var database = await PostgresServer.Run();
        string[] settings = [.. Settings(await database.CreateDatabase()), .. CrashRun.QuickSettings];
        return await Start(
            database,
            Enumerable.Range(0, count).Select(silo => SiloProcess.Start(cancellationToken, [.. settings, .. more?.Invoke(silo) ?? []]))
        );
    }

    /// <summary>Starts three silos in a network namespace, each with its own address. The last silo runs as a different user.</summary>
    public static async Task<SiloCluster> StartIn(Network network, CancellationToken cancellationToken)
    {
        var database = await PostgresServer.Run();
        string[] settings = [.. Settings(database.ViaUnixSocket(await database.CreateDatabase())), .. CrashRun.QuickSettings];
        return await Start(
            database,
            Enumerable
                .Range(0, 3)
                .Select(silo =>
                    SiloProcess.Start(
                        network.Launcher(UserOf(silo)),
                        cancellationToken,
                        [.. settings, "--Cluster:Address", AddressOf(silo)]
                    )
                )
        );
    }

    /// <summary>Returns the address of a silo in the network namespace.</summary>
    public static string AddressOf(int silo) => $"127.0.0.{11 + silo}";

    /// <summary>Returns the id of the operating system user of a silo in the network namespace. Packets can be blocked by user.</summary>
    public static int UserOf(int silo) => silo == 2 ? 20_002 : 20_001;

    private static async Task<SiloCluster> Start(PostgresServer database, IEnumerable<Task<SiloProcess>> starts)
    {
        Task<SiloProcess>[] starting = [.. starts];
        await ((Task)Task.WhenAll(starting)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Array.Exists(starting, start => !start.IsCompletedSuccessfully))
        {
            // Otherwise the silos that did start would outlive the tests.
            foreach (var start in starting.Where(start => start.IsCompletedSuccessfully))
                await (await start).DisposeAsync();
            await database.DisposeAsync();
        }

        var silos = await Task.WhenAll(starting);
        // Only the silo that created the token has printed it.
        var token = silos.Select(silo => silo.Token).Single(token => token.Length > 0);
        foreach (var silo in silos)
            silo.Token = token;
        return new(database, silos);
    }

    public static IEnumerable<string> Settings(string connectionString) =>
        [
            "--Storage:Provider",
            "PostgreSql",
            "--Storage:ConnectionString",
            connectionString,
            "--Cluster:SharedMachine",
            "true",
            "--Cluster:SiloPort",
            "0",
            "--Cluster:Secret",
            Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
            // A killed silo must be detected within the duration of a test.
            "--Cluster:ProbeTimeout",
            "00:00:01",
            "--Cluster:MaxMissedProbes",
            "2",
        ];

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in Silos)
            await silo.DisposeAsync();
        await Database.DisposeAsync();
    }
}
