using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Storage.Sql;
using DeployCard.Storage.Stores;
using DeployCard.Tests.Support;
using Microsoft.Data.Sqlite;

namespace DeployCard.Grains.Tests.Storage.Sqlite;

/// <summary>
/// Upgrades a database of the first version: with its scripts, its states (without later properties) and its hashes of calls.
/// </summary>
public sealed class SqliteUpgradeTests : IAsyncLifetime
{
    private static readonly DeploymentName Iris = DeploymentName.Parse("iris");
    private static readonly DateTimeOffset Then = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] FirstScripts = ["0001-grain-state.sql", "0002-indexes.sql", "0003-bodies-and-logs.sql"];

    private readonly TestSqliteDatabase database = new();
    private readonly InProcessSilos silos;
    private readonly CallId queued = CallId.Create(Then);
    private readonly CallId ended = CallId.Create(Then.AddSeconds(1));

    public SqliteUpgradeTests() => silos = new(database.Use);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await silos.Start();
        await WriteEverything();
        await silos.Stop();
        await database.Close();
        await Downgrade();
        await silos.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await silos.Stop();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task Items_of_the_first_version_are_listed()
    {
        (await Service<IDeploymentStore>().List(new("IRISES"), DeploymentOrder.Name, new(10), Token))
            .Items.ShouldHaveSingleItem()
            .Item.Title.ShouldBe("Irises of Ирина");
        (await Service<IDeploymentStore>().List(new("ИРИ"), DeploymentOrder.Name, new(10), Token)).Items.ShouldHaveSingleItem();
        var key = (await Service<IKeyStore>().List([Iris], Token)).ShouldHaveSingleItem();
        (key.Hash, key.RequestsPerSecond, key.RequestBurst).ShouldBe(("hash", 0, 0));
        (await Service<IAsyncCallStore>().List(Iris, new(), new(10), Token))
            .Items.Select(item => (item.Item.Id, item.Item.Status))
            .ShouldBe([(ended, CallStatus.Completed), (queued, CallStatus.Queued)]);
        (await Service<IAsyncCallStore>().CountOpen(Iris, Token)).ShouldBe(new(1, 0));
    }

    [Fact]
    public async Task Items_of_the_first_version_can_be_read_and_written()
    {
        (await Grain<ITestDeploymentGrain>("iris").Title()).ShouldBe("Irises of Ирина");
        await Grain<ITestDeploymentGrain>("iris").Write("Roses");
        (await Service<IDeploymentStore>().List(new("ros"), DeploymentOrder.Name, new(10), Token)).Items.ShouldHaveSingleItem();
        (await Service<IDeploymentStore>().Count(new("irises"), Token)).ShouldBe(0);
        await Grain<ITestKeyGrain>("hash").Write("iris");
        (await Grain<ITestCallGrain>(queued.Value).Deployment()).ShouldBe("iris");
        await Grain<ITestCallGrain>(ended.Value).Clear();
        (await Service<IAsyncCallStore>().ListAll(Iris, 10, Token)).ShouldBe([queued]);

        await using var body = (await Service<IBodyStore>().Open(queued, BodyPart.Request, Token)).ShouldNotBeNull();
        var bytes = new byte[BodyStore.ChunkSize + 3];
        await body.ReadExactlyAsync(bytes, Token);
        bytes.ShouldAllBe(one => one == 7);
        (await Service<ILogStore>().ReadNewest(Iris, 100, Token)).ShouldHaveSingleItem().Payload.ShouldBe([1, 2]);
    }

    private async Task WriteEverything()
    {
        await Grain<ITestDeploymentGrain>("iris").Write("Irises of Ирина");
        await Grain<ITestKeyGrain>("hash").Write("iris");
        await Grain<ITestCallGrain>(queued.Value).Write("iris");
        await Grain<ITestCallGrain>(ended.Value).Write("iris");
        var body = new byte[BodyStore.ChunkSize + 3];
        Array.Fill(body, (byte)7);
        await Service<IBodyStore>().Write(queued, BodyPart.Request, new MemoryStream(body), long.MaxValue, Token);
        await Service<ILogStore>().Append(Iris, new(5, 1, [1, 2]), Token);
    }

    /// <summary>Copies the rows to a database that has only the scripts of the first version.</summary>
    private async Task Downgrade()
    {
        var newer = $"{database.Options.Path}.newer";
        File.Move(database.Options.Path, newer);
        await using var old = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = database.Options.Path, Pooling = false }.ToString()
        );
        await old.OpenAsync(Token);
        await Run(
            old,
            "CREATE TABLE SchemaVersions ("
                + "SchemaVersionID INTEGER CONSTRAINT 'PK_SchemaVersions_SchemaVersionID' PRIMARY KEY AUTOINCREMENT NOT NULL, "
                + "ScriptName TEXT NOT NULL, Applied DATETIME NOT NULL)"
        );
        foreach (var script in SchemaScripts.Load("Sqlite").Where(script => FirstScripts.Contains(script.Name)))
            await Run(old, $"{script.Contents};\nINSERT INTO SchemaVersions (ScriptName, Applied) VALUES ('{script.Name}', '2026-11-01')");
        await Run(
            old,
            $"""
            ATTACH '{newer}' AS newer;
            INSERT INTO OrleansStorage
            SELECT
              CASE GrainTypeString WHEN 'asyncCall' THEN 7 ELSE GrainIdHash END, GrainIdN0, GrainIdN1,
              CASE GrainTypeString WHEN 'asyncCall' THEN 8 ELSE GrainTypeHash END,
              GrainTypeString, GrainIdExtensionString, ServiceId,
              CAST(json_remove(
                CASE WHEN instr(CAST(PayloadBinary AS TEXT), '{ended}')
                  THEN json_set(CAST(PayloadBinary AS TEXT), '$.status', 'COMPLETED')
                  ELSE CAST(PayloadBinary AS TEXT) END,
                '$.requestsPerSecond', '$.requestBurst', '$.requestBytes', '$.idempotencyKey', '$.fingerprint', '$.seriesStart',
                '$.callback', '$.removedAt') AS BLOB),
              ModifiedOn, Version
            FROM newer.OrleansStorage;
            INSERT INTO Body SELECT * FROM newer.Body;
            INSERT INTO BodyChunk SELECT * FROM newer.BodyChunk;
            INSERT INTO LogBlock SELECT * FROM newer.LogBlock;
            DETACH newer
            """
        );
    }

    private static async Task Run(SqliteConnection connection, string text)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = text;
        await command.ExecuteNonQueryAsync(Token);
    }

    private T Service<T>()
        where T : notnull => silos.Service<T>();

    private T Grain<T>(string key)
        where T : IGrainWithStringKey => silos.Grain<T>(key);
}
