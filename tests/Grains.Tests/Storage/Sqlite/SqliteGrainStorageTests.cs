using System.Globalization;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Retention;
using DeployCard.Grains.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Orleans.TestingHost;

namespace DeployCard.Grains.Tests.Storage.Sqlite;

/// <summary>Orleans' own provider on our data source, in a silo.</summary>
public sealed class SqliteGrainStorageTests : IAsyncLifetime
{
    private readonly SqliteDatabase _database = new();
    private InProcessTestCluster? _cluster;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IServiceProvider Services => _cluster!.Silos[0].ServiceProvider;

    private IGrainStorage Storage => Services.GetRequiredKeyedService<IGrainStorage>("Default");

    public async ValueTask InitializeAsync() => await Start();

    public async ValueTask DisposeAsync()
    {
        await Stop();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_grain_finds_its_state_again_after_a_restart()
    {
        await Deployment("iris").Write("Irises");
        await Stop();
        await Start();

        (await Deployment("iris").Title()).ShouldBe("Irises");
        await Deployment("iris").Write("More irises");
        (await Deployment("iris").Title()).ShouldBe("More irises");
    }

    [Fact]
    public async Task The_rows_of_calls_stand_in_the_order_of_time()
    {
        CallId[] ids = [.. Enumerable.Range(0, 20).Select(i => CallId.New(new DateTimeOffset(2026, 11, 25, 0, 0, i, TimeSpan.Zero)))];
        foreach (var id in ids.Reverse())
            await Call(id).Write("iris");

        (await DeployCard.Grains.Storage.SqlExtensions.Query(
            _database.Source,
            "SELECT json_extract(CAST(PayloadBinary AS TEXT), '$.id') FROM OrleansStorage WHERE GrainTypeString = 'asyncCall' ORDER BY GrainIdHash, GrainTypeHash",
            [], row => row.GetString(0), Token)).ShouldBe(ids.Select(id => id.Value));
    }

    [Theory]
    [InlineData("2026-11-25T04:00:00Z")]
    [InlineData("2010-01-01T00:00:00Z")]
    public async Task A_call_is_found_that_was_stored_before_calls_had_an_order(string acceptedAt)
    {
        var id = CallId.New(DateTimeOffset.Parse(acceptedAt, CultureInfo.InvariantCulture));
        await Call(id).Write("iris");
        await Stop();
        await DeployCard.Grains.Storage.SqlExtensions.Execute(
            _database.Source,
            "UPDATE OrleansStorage SET GrainIdHash = 7, GrainTypeHash = 8 WHERE GrainTypeString = 'asyncCall'; DELETE FROM SchemaVersions WHERE ScriptName LIKE '0006%'", [], Token);
        await _database.Close();
        await Start();

        (await Call(id).Deployment()).ShouldBe("iris");
    }

    [Fact]
    public async Task The_catalogs_follow_the_state_under_the_names_that_grains_give_it()
    {
        var (token, iris, id) = (Token, DeploymentName.Parse("iris"), CallId.New(DateTimeOffset.UnixEpoch));
        await Deployment("iris").Write("Irises");
        await _cluster!.Client.GetGrain<ITestKeyGrain>("hash").Write("iris");
        await Call(id).Write("iris");

        (await Services.GetRequiredService<IDeploymentStore>().Count(new(), token)).ShouldBe(1);
        (await Services.GetRequiredService<IKeyStore>().Find("hash", token))!.Deployment.ShouldBe(iris);
        (await Services.GetRequiredService<IAsyncCallStore>().ListOpen(iris, null, 9, token)).ShouldBe([id]);

        await Deployment("iris").Clear();
        await _cluster.Client.GetGrain<ITestKeyGrain>("hash").Clear();
        await Call(id).Clear();

        (await Services.GetRequiredService<IDeploymentStore>().Count(new(), token)).ShouldBe(0);
        (await Services.GetRequiredService<IKeyStore>().Find("hash", token)).ShouldBeNull();
        (await Services.GetRequiredService<IAsyncCallStore>().ListAll(iris, 9, token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_state_that_was_cleared_leaves_no_row_and_can_be_written_again()
    {
        await Deployment("iris").Write("first");
        await Deployment("iris").Clear();
        (await Rows()).ShouldBe(0);

        await Deployment("iris").Write("second");
        (await Deployment("iris").Title()).ShouldBe("second");
        (await Rows()).ShouldBe(1);
    }

    [Fact]
    public async Task Of_many_first_writers_exactly_one_succeeds()
    {
        var outcomes = await Task.WhenAll(
            from key in Enumerable.Range(0, 100)
            from writer in Enumerable.Range(0, 8)
            select TryWrite($"hash{key}", new GrainState<KeyState>(new() { Id = $"{key}-{writer}", Hash = $"hash{key}" })));

        outcomes.Count(success => success).ShouldBe(100);
        (await Rows()).ShouldBe(100);
    }

    [Fact]
    public async Task A_writer_with_an_old_version_is_refused()
    {
        var (mine, theirs) = (new GrainState<KeyState>(new() { Id = "k", Hash = "hash" }), new GrainState<KeyState>(new()));
        (await TryWrite("hash", mine)).ShouldBeTrue();
        await Storage.ReadStateAsync("key", Key("hash"), theirs);
        theirs.State.ShouldNotBeNull().Id.ShouldBe("k");
        (await TryWrite("hash", theirs)).ShouldBeTrue();

        (await TryWrite("hash", mine)).ShouldBeFalse();
        await Should.ThrowAsync<InconsistentStateException>(() => Storage.ClearStateAsync("key", Key("hash"), mine));
        await Storage.ClearStateAsync("key", Key("hash"), theirs);
        (await TryWrite("hash", mine)).ShouldBeFalse();
    }

    [Fact]
    public async Task The_silo_leaves_one_file_when_it_stops()
    {
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Deployment($"d{i}").Write("x")));

        await Stop();

        Directory.GetFiles(Path.Combine(_database.Folder, "data")).ShouldBe([_database.Options.Path]);
        (await Rows()).ShouldBe(100);
    }

    [Fact]
    public async Task Every_store_is_there()
    {
        await using var body = new MemoryStream([1]);
        (await Services.GetRequiredService<IBodyStore>().Write(CallId.New(DateTimeOffset.UnixEpoch), BodyPart.Request, body, 1, Token)).ShouldBe(1);
        (await Services.GetRequiredService<ILogStore>().ReadNewest(DeploymentName.Parse("iris"), 1, Token)).ShouldBeEmpty();
        (await Services.GetRequiredService<IRetentionStore>().ListDue(DateTimeOffset.MaxValue, null, 1, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Names_that_are_the_same_number_are_two_deployments()
    {
        await Deployment("1").Write("one");
        await Deployment("01").Write("zero one");
        await Deployment("0cafe").Write("zero cafe");
        await Deployment("cafe").Write("cafe");

        (await Deployment("1").Title()).ShouldBe("one");
        (await Deployment("cafe").Title()).ShouldBe("cafe");
        (await Rows()).ShouldBe(4);
        (await Services.GetRequiredService<IDeploymentStore>().Count(new(), Token)).ShouldBe(4);
    }

    private static GrainId Key(string key) => GrainId.Create("test-key", key);

    private ITestDeploymentGrain Deployment(string name) => _cluster!.Client.GetGrain<ITestDeploymentGrain>(name);

    private ITestCallGrain Call(CallId id) => _cluster!.Client.GetGrain<ITestCallGrain>(id.Value);

    private async Task<long> Rows() =>
        (await DeployCard.Grains.Storage.SqlExtensions.Query(_database.Source, "SELECT count(*) FROM OrleansStorage", [], row => row.GetInt64(0), Token)).Single();

    private async Task<bool> TryWrite(string key, GrainState<KeyState> state)
    {
        try
        {
            await Storage.WriteStateAsync("key", Key(key), state);
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
    }

    private async Task Start()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ServiceId = "test";
        builder.ConfigureSilo((_, silo) => silo.AddSqliteStorage(options => options.Path = _database.Options.Path));
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    private async Task Stop()
    {
        if (_cluster is null)
            return;
        await _cluster.StopAllSilosAsync();
        await _cluster.DisposeAsync();
        _cluster = null;
    }
}
