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
    public static async Task<SiloCluster> Start(CancellationToken cancellationToken, int count = 3, params string[] settings)
    {
        var database = await PostgresServer.Run();
        string[] all = [.. Settings(await database.CreateDatabase()), .. CrashRun.QuickSettings, .. settings];
        var silos = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => SiloProcess.Start(cancellationToken, all)));
        // Whichever came first has printed it.
        var token = silos.Select(silo => silo.Token).Single(token => token.Length > 0);
        foreach (var silo in silos)
            silo.Token = token;
        return new(database, silos);
    }

    public static IEnumerable<string> Settings(string connectionString) =>
    [
        "--Storage:Provider", "PostgreSql", "--Storage:ConnectionString", connectionString,
        "--Cluster:SharedMachine", "true", "--Cluster:SiloPort", "0", "--Cluster:Secret", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
        // A killed silo is to be noticed within a test's time.
        "--Cluster:ProbeTimeout", "00:00:01", "--Cluster:MissedProbes", "2",
    ];

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in Silos)
            await silo.DisposeAsync();
        await Database.DisposeAsync();
    }
}
