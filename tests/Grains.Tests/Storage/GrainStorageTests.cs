using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Retention;
using DeployCard.Domain.AsyncCalls;
using DeployCard.Domain.Keys;
using DeployCard.Storage.Sql;
using DeployCard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace DeployCard.Grains.Tests.Storage;

/// <summary>Tests of Orleans' ADO.NET provider on the product's data source, in a silo.</summary>
public abstract class GrainStorageTests(ITestDatabase database) : IAsyncLifetime
{
    private readonly InProcessSilos silos = new(database.Use);

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected IServiceProvider Services => silos.Cluster.Silos[0].ServiceProvider;

    protected IGrainStorage Storage => Services.GetRequiredKeyedService<IGrainStorage>("Default");

    public async ValueTask InitializeAsync() => await Start();

    public async ValueTask DisposeAsync()
    {
        await Stop();
        await database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Grain_state_survives_a_restart()
    {
        await Deployment("iris").Write("Irises");
        await Stop();
        await Start();

        (await Deployment("iris").Title()).ShouldBe("Irises");
        await Deployment("iris").Write("More irises");
        (await Deployment("iris").Title()).ShouldBe("More irises");
    }

    [Fact]
    public async Task Rows_of_calls_are_stored_in_time_order()
    {
        CallId[] ids = [.. Enumerable.Range(0, 20).Select(i => CallId.Create(new DateTimeOffset(2026, 11, 25, 0, 0, i, TimeSpan.Zero)))];
        foreach (var id in ids.Reverse())
            await Call(id).Write("iris");

        (
            await database.Sql.Query(
                "SELECT PayloadBinary FROM OrleansStorage WHERE GrainTypeString = 'asyncCall' ORDER BY GrainIdHash, GrainTypeHash",
                [],
                row => new JsonStateSerializer().Deserialize<AsyncCallState>(new((byte[])row.GetValue(0))).Id,
                Token
            )
        ).ShouldBe(ids.Select(id => id.Value));
    }

    [Fact]
    public async Task Index_tables_follow_the_grain_state()
    {
        var (token, iris, id) = (Token, DeploymentName.Parse("iris"), CallId.Create(DateTimeOffset.UnixEpoch));
        await Deployment("iris").Write("Irises");
        await silos.Grain<ITestKeyGrain>("hash").Write("iris");
        await Call(id).Write("iris");

        (await Services.GetRequiredService<IDeploymentStore>().Count(new(), token)).ShouldBe(1);
        (await Services.GetRequiredService<IKeyStore>().Find("hash", token))!.Deployment.ShouldBe(iris);
        (await Services.GetRequiredService<IAsyncCallStore>().ListOpen(iris, null, 9, token)).ShouldBe([id]);

        await Deployment("iris").Clear();
        await silos.Grain<ITestKeyGrain>("hash").Clear();
        await Call(id).Clear();

        (await Services.GetRequiredService<IDeploymentStore>().Count(new(), token)).ShouldBe(0);
        (await Services.GetRequiredService<IKeyStore>().Find("hash", token)).ShouldBeNull();
        (await Services.GetRequiredService<IAsyncCallStore>().ListAll(iris, 9, token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Cleared_state_leaves_no_row_and_can_be_written_again()
    {
        await Deployment("iris").Write("first");
        await Deployment("iris").Clear();
        (await Rows()).ShouldBe(0);

        await Deployment("iris").Write("second");
        (await Deployment("iris").Title()).ShouldBe("second");
        (await Rows()).ShouldBe(1);
    }

    [Fact]
    public async Task Exactly_one_of_several_concurrent_first_writes_succeeds()
    {
        var outcomes = await Task.WhenAll(
            from key in Enumerable.Range(0, 100)
            from writer in Enumerable.Range(0, 8)
            select TryWrite($"hash{key}", new GrainState<KeyState>(new() { Id = $"{key}-{writer}", Hash = $"hash{key}" }))
        );

        outcomes.Count(success => success).ShouldBe(100);
        (await Rows()).ShouldBe(100);
    }

    [Fact]
    public async Task Write_with_an_outdated_version_is_rejected()
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

    [Theory]
    [InlineData("a\0b")]
    [InlineData("\\u0000")]
    [InlineData("\\\0")]
    [InlineData("\ud800 alone")]
    public async Task State_with_any_text_can_be_written_and_read(string text)
    {
        await Deployment("iris").Write(text);
        await Deployment("iris").Write(text + "!");
        await Stop();
        await Start();

        (await Deployment("iris").Title()).ShouldBe((text + "!").Replace('\ud800', '\ufffd'));
        (await Services.GetRequiredService<IDeploymentStore>().Count(new(), Token)).ShouldBe(1);
    }

    [Fact]
    public async Task Only_one_of_several_calls_with_the_same_idempotency_key_is_stored()
    {
        var (iris, ids) = (
            DeploymentName.Parse("iris"),
            Enumerable.Range(0, 8).Select(i => CallId.Create(DateTimeOffset.UnixEpoch.AddSeconds(i))).ToList()
        );

        var outcomes = await Task.WhenAll(
            ids.Select(async id =>
            {
                try
                {
                    await Storage.WriteStateAsync(
                        "asyncCall",
                        GrainId.Create("test-call", id.Value),
                        new GrainState<AsyncCallState>(
                            new()
                            {
                                Id = id.Value,
                                Deployment = "iris",
                                IdempotencyKey = "once",
                            }
                        )
                    );
                    return true;
                }
                catch (Exception e) when (e is System.Data.Common.DbException)
                {
                    // A constraint violation is expected; it is not a StorageException.
                    return false;
                }
            })
        );

        outcomes.Count(success => success).ShouldBe(1);
        (await Services.GetRequiredService<IAsyncCallStore>().FindByIdempotencyKey(iris, "once", Token)).ShouldBe(
            ids[Array.IndexOf(outcomes, true)]
        );
        (await Rows()).ShouldBe(1);
    }

    [Fact]
    public async Task All_stores_are_registered()
    {
        await using var body = new MemoryStream([1]);
        (
            await Services.GetRequiredService<IBodyStore>().Write(CallId.Create(DateTimeOffset.UnixEpoch), BodyPart.Request, body, 1, Token)
        ).ShouldBe(1);
        (await Services.GetRequiredService<ILogStore>().ReadNewest(DeploymentName.Parse("iris"), 1, Token)).ShouldBeEmpty();
        (await Services.GetRequiredService<IRetentionStore>().ListDue(DateTimeOffset.MaxValue, null, 1, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Deployments_whose_names_are_the_same_hexadecimal_number_are_stored_separately()
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

    protected static GrainId Key(string key) => GrainId.Create("test-key", key);

    protected ITestDeploymentGrain Deployment(string name) => silos.Grain<ITestDeploymentGrain>(name);

    protected ITestCallGrain Call(CallId id) => silos.Grain<ITestCallGrain>(id.Value);

    protected async Task<long> Rows() =>
        (await database.Sql.Query("SELECT count(*) FROM OrleansStorage", [], row => row.GetInt64(0), Token)).Single();

    protected async Task<bool> TryWrite(string key, GrainState<KeyState> state)
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

    protected Task Start() => silos.Start();

    protected Task Stop() => silos.Stop();
}
