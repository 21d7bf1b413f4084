using System.Security.Cryptography;
using DeployCard.EndToEnd.Tests.Support.Crash;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Support.Cluster;

/// <summary>Some silos as real processes of this machine, over a real PostgreSQL of their own.</summary>
internal sealed class SiloCluster : IAsyncDisposable
{
    private SiloCluster(PostgresServer database, IReadOnlyList<SiloProcess> silos) => (Database, Silos) = (database, silos);

    public PostgresServer Database { get; }

    public IReadOnlyList<SiloProcess> Silos { get; }

    /// <summary>Starts them all at once, on an empty database.</summary>
    /// <param name="cancellationToken">Ends the wait for them.</param>
    /// <param name="count">How many.</param>
    /// <param name="more">Settings of each beside the usual ones, by its number.</param>
    public static async Task<SiloCluster> Start(CancellationToken cancellationToken, int count = 3, Func<int, string[]>? more = null)
    {
        var database = await PostgresServer.Run();
        string[] settings = [.. Settings(await database.CreateDatabase()), .. CrashRun.QuickSettings];
        return await Start(
            database,
            Enumerable.Range(0, count).Select(silo => SiloProcess.Start(cancellationToken, [.. settings, .. more?.Invoke(silo) ?? []]))
        );
    }

    /// <summary>Starts three in a network of their own, each with an address, the last one as a user of its own.</summary>
    public static async Task<SiloCluster> StartIn(Network network, CancellationToken cancellationToken)
    {
        var database = await PostgresServer.Run();
        string[] settings = [.. Settings(database.BySocket(await database.CreateDatabase())), .. CrashRun.QuickSettings];
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

    /// <summary>The address of a silo in a network of its own.</summary>
    public static string AddressOf(int silo) => $"127.0.0.{11 + silo}";

    /// <summary>The user as whom it runs there: what users' processes send is what can be cut.</summary>
    public static int UserOf(int silo) => silo == 2 ? 20_002 : 20_001;

    private static async Task<SiloCluster> Start(PostgresServer database, IEnumerable<Task<SiloProcess>> starts)
    {
        Task<SiloProcess>[] starting = [.. starts];
        await ((Task)Task.WhenAll(starting)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Array.Exists(starting, start => !start.IsCompletedSuccessfully))
        {
            // Those that did start would outlive the tests.
            foreach (var start in starting.Where(start => start.IsCompletedSuccessfully))
                await (await start).DisposeAsync();
            await database.DisposeAsync();
        }

        var silos = await Task.WhenAll(starting);
        // Whichever came first has printed it.
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
            // A killed silo is to be noticed within a test's time.
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
