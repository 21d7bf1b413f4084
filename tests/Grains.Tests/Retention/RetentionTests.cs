using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Readmes;
using DeployCard.Grains.Retention;
using DeployCard.Grains.Routing;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Retention;

/// <summary>What has an end goes at that end: by its own timer, and by the sweep where it slept or its silo was gone.</summary>
public sealed class RetentionTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_deleted_deployment_goes_for_good_after_three_days_and_frees_its_name()
    {
        var name = NewName();
        await CreateReady(name);
        var key = await MakeKey(name);
        await Accept(name);
        Value(await Silos.Deployment(name).Delete(Anna, Token));
        (await Silos.Grains.GetGrain<IKeyGrain>(key).Get()).ShouldBeNull();

        await Silos.Pass(TimeSpan.FromDays(3) - Hour);
        (await View(name)).Status.ShouldBe(DeploymentStatus.Deleted);
        (await Silos.Grains.GetGrain<IReadmeGrain>(name).Get()).Version.ShouldBe(1);
        Error(await Silos.Deployment(name).Create(Draft(), Anna, Token)).Code.ShouldBe("NAME_TAKEN");

        await Silos.Until(async () => await Silos.Deployment(name).Get() is null, Hour);
        await NothingIsLeftOf(name);
        (await Silos.Deployment(name).GetRoute()).State.ShouldBe(RouteState.Missing);
        await Create(name);
    }

    [Fact]
    public async Task Of_the_clocks_of_all_silos_one_is_listened_to_each_minute_and_each_that_has_a_reason_of_its_own()
    {
        var retention = Silos.Grains.GetGrain<IRetentionGrain>(0);
        (await retention.WakeAll(isUsual: false, Token)).ShouldBeTrue();

        (await retention.WakeAll(isUsual: true, Token)).ShouldBeFalse();
        (await retention.WakeAll(isUsual: false, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_calls_result_goes_after_its_retention()
    {
        var name = NewName();
        await CreateReady(name);
        var id = await Accept(name, TimeSpan.FromHours(2));
        await Silos.Until(async () => (await Call(id).Get())?.Status is CallStatus.Completed, Second);

        await Silos.Pass(Hour);
        (await Call(id).GetResult()).ShouldNotBeNull();
        await Silos.Until(async () => await Call(id).Get() is null, TimeSpan.FromMinutes(10));
        (await Silos.Count("AsyncCallIndex WHERE id = @id", ("@id", id.Value))).ShouldBe(0);
    }

    [Fact]
    public async Task An_expired_key_is_listed_for_a_while_and_then_removed()
    {
        var name = NewName();
        await CreateReady(name);
        var key = await MakeKey(name, Silos.Clock.GetUtcNow() + Hour);

        await Silos.Pass(TimeSpan.FromDays(2));
        (await Silos.Grains.GetGrain<IKeyGrain>(key).Get()).ShouldNotBeNull();
        (await Silos.Deployment(name).GetRoute()).Keys.ShouldHaveSingleItem();

        await Silos.Until(async () => await Silos.Count("KeyIndex WHERE hash = @hash", ("@hash", key)) == 0, Hour);
        (await Silos.Deployment(name).GetRoute()).Keys.ShouldBeEmpty();
        (await Silos.Deployment(name).Events()).ShouldContain(e => e.Kind == EventKind.KeyExpired);
    }

    [Fact]
    public async Task A_revoked_key_is_gone_from_every_gateway_when_that_returns()
    {
        var name = NewName();
        await CreateReady(name);
        var key = await MakeKey(name);
        Silos.Gateways.Count.ShouldBe(2);
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Keys.Count == 1);

        Value(await Silos.Grains.GetGrain<IKeyGrain>(key).Revoke(Anna, Token)).RevokedAt.ShouldNotBeNull();

        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Keys.Count == 0);
    }

    internal static async Task<string> MakeKey(TestSilos silos, string name, DateTimeOffset? expiresAt)
    {
        var secret = KeyText.New(KeyText.KeyPrefix);
        var hash = silos.Hasher.Hash(secret);
        Value(
            await silos
                .Grains.GetGrain<IKeyGrain>(hash)
                .Create(
                    new(DeploymentName.Parse(name), "key", secret[..KeyText.Shown], expiresAt),
                    Anna,
                    TestContext.Current.CancellationToken
                )
        );
        return hash;
    }

    internal static async Task<CallId> Accept(TestSilos silos, string name, CallLimits limits, string path = "/x")
    {
        var id = CallId.New(silos.Clock.GetUtcNow());
        var route = await silos.Deployment(name).GetRoute();
        await silos.Service<ICallIntake>().Accept(id, new(DeploymentName.Parse(name), route.Uid, new("POST", path, [], null), limits));
        return id;
    }

    private Task<string> MakeKey(string name, DateTimeOffset? expiresAt = null) => MakeKey(Silos, name, expiresAt);

    private Task<CallId> Accept(string name, TimeSpan? retention = null) =>
        Accept(Silos, name, CallLimits.Default with { Retention = retention ?? CallLimits.Default.Retention });

    private async Task NothingIsLeftOf(string name)
    {
        (await Silos.Count("DeploymentIndex WHERE name = @name", ("@name", name))).ShouldBe(0);
        (await Silos.Count("KeyIndex WHERE deployment = @name", ("@name", name))).ShouldBe(0);
        (await Silos.Count("AsyncCallIndex WHERE deployment = @name", ("@name", name))).ShouldBe(0);
        (await Silos.Count("OrleansStorage WHERE CAST(PayloadBinary AS TEXT) LIKE '%\"' || @name || '\"%'", ("@name", name))).ShouldBe(0);
    }
}

/// <summary>The same across restarts: each test has silos of its own, to end them.</summary>
public sealed class RetentionAcrossRestartTests : SiloTest, IAsyncLifetime
{
    public RetentionAcrossRestartTests()
        : base(new TestSilos()) { }

    [Fact]
    public async Task What_fell_due_while_no_silo_ran_goes_at_the_next_start()
    {
        var (deleted, kept) = (NewName(), NewName());
        await CreateReady(deleted);
        await CreateReady(kept);
        var key = await RetentionTests.MakeKey(Silos, kept, Silos.Clock.GetUtcNow() + TimeSpan.FromHours(1));
        var call = await RetentionTests.Accept(Silos, kept, CallLimits.Default);
        await Silos.Until(
            async () => (await Silos.Grains.GetGrain<IAsyncCallGrain>(call.Value).Get())?.Status is CallStatus.Completed,
            Second
        );
        Value(await Silos.Deployment(deleted).Delete(Anna, Token));

        await Silos.Restart(() => Silos.Clock.Advance(TimeSpan.FromDays(5)));

        // Nobody asks for any of it: the clock of the silos finds it in the index.
        await Silos.Until(async () => await Silos.Count("DeploymentIndex WHERE name = @name", ("@name", deleted)) == 0, Second);
        await Silos.Until(async () => await Silos.Count("KeyIndex WHERE hash = @hash", ("@hash", key)) == 0, Second);
        await Silos.Until(async () => await Silos.Count("AsyncCallIndex WHERE id = @id", ("@id", call.Value)) == 0, Second);
        (await View(kept)).Status.ShouldNotBe(DeploymentStatus.Deleted);
    }

    [Fact]
    public async Task An_active_deployment_gets_its_pods_again_and_a_stopped_one_does_not()
    {
        var (active, stopped) = (NewName(), NewName());
        Silos.Pods.ReadyAtOnce(active);
        await Create(active, "0-2");
        await Wait(active);
        await Until(active, DeploymentStatus.Ready);
        await CreateReady(stopped);
        Value(await Silos.Deployment(stopped).Stop(Anna, Token));
        await Silos.Until(() => Silos.Pods.Running(stopped).Count == 0);

        await Silos.Crash();

        await Silos.Until(() => Silos.Pods.Running(active).Count == 1, Second);
        Silos.Pods.Running(stopped).ShouldBeEmpty();
        (await View(stopped)).Status.ShouldBe(DeploymentStatus.Stopped);
    }

    [Fact]
    public async Task A_call_that_was_accepted_runs_after_a_crash()
    {
        var name = NewName();
        await CreateReady(name);
        Silos.Caller.Hang(name);
        var id = await RetentionTests.Accept(Silos, name, CallLimits.Default);

        await Silos.Crash(() => Silos.Caller.Answers(name, ScriptedPodCaller.Answer()));

        var call = await Silos.Until(
            () => Silos.Grains.GetGrain<IAsyncCallGrain>(id.Value).Get(),
            c => c?.Status is CallStatus.Completed,
            Second
        );
        call!.ResultStatusCode.ShouldBe(200);
    }

    public async ValueTask InitializeAsync() => await Silos.Start();

    public ValueTask DisposeAsync() => Silos.DisposeAsync();
}
