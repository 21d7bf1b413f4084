using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Readmes;
using DeployCard.Contracts.Retention;
using DeployCard.Contracts.Routing;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Retention;

/// <summary>
/// Tests that expired items are removed: by the timer of their grain, or by the sweep if the grain was not active or its silo had stopped.
/// </summary>
public sealed class RetentionTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task Deleted_deployment_is_purged_after_three_days_and_its_name_can_be_reused()
    {
        var name = NewName();
        await CreateReady(name);
        var key = await CreateKey(name);
        await Accept(name);
        Value(await Silos.Deployment(name).Delete(Anna, Token));
        (await Silos.Grains.GetGrain<IKeyGrain>(key).Get()).ShouldBeNull();

        await Silos.AdvanceInSteps(TimeSpan.FromDays(3) - Hour);
        (await View(name)).Status.ShouldBe(DeploymentStatus.Deleted);
        (await Silos.Grains.GetGrain<IReadmeGrain>(name).Get()).Version.ShouldBe(1);
        Error(await Silos.Deployment(name).Create(Draft(), Anna, Token)).Code.ShouldBe("NAME_TAKEN");

        await Silos.Until(async () => await Silos.Deployment(name).Get() is null, Hour);
        await ShouldLeaveNoRows(name);
        (await Silos.Deployment(name).GetRoute()).State.ShouldBe(RouteState.Missing);
        await Create(name);
    }

    [Fact]
    public async Task Scheduled_wake_is_skipped_if_another_silo_has_just_made_it_but_an_unscheduled_one_is_not()
    {
        var retention = Silos.Grains.GetGrain<IRetentionGrain>(0);
        (await retention.WakeAll(isScheduled: false, Token)).ShouldBeTrue();

        (await retention.WakeAll(isScheduled: true, Token)).ShouldBeFalse();
        (await retention.WakeAll(isScheduled: false, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task Result_of_a_call_is_removed_after_its_retention()
    {
        var name = NewName();
        await CreateReady(name);
        var id = await Accept(name, TimeSpan.FromHours(2));
        await Silos.Until(async () => (await Call(id).Get())?.Status is CallStatus.Completed, Second);

        await Silos.AdvanceInSteps(Hour);
        (await Call(id).GetResult()).ShouldNotBeNull();
        await Silos.Until(async () => await Call(id).Get() is null, TimeSpan.FromMinutes(10));
        (await Silos.CountRows("AsyncCallIndex WHERE id = @id", ("@id", id.Value))).ShouldBe(0);
    }

    [Fact]
    public async Task Expired_key_remains_listed_for_its_retention_and_is_then_removed()
    {
        var name = NewName();
        await CreateReady(name);
        var key = await CreateKey(name, Silos.Clock.GetUtcNow() + Hour);

        await Silos.AdvanceInSteps(TimeSpan.FromDays(2));
        (await Silos.Grains.GetGrain<IKeyGrain>(key).Get()).ShouldNotBeNull();
        (await Silos.Deployment(name).GetRoute()).Keys.ShouldHaveSingleItem();

        await Silos.Until(async () => await Silos.CountRows("KeyIndex WHERE hash = @hash", ("@hash", key)) == 0, Hour);
        (await Silos.Deployment(name).GetRoute()).Keys.ShouldBeEmpty();
        (await Silos.Deployment(name).GetEvents()).ShouldContain(e => e.Kind == EventKind.KeyPurged);
    }

    [Fact]
    public async Task Revoked_key_is_removed_from_every_gateway_before_the_revocation_returns()
    {
        var name = NewName();
        await CreateReady(name);
        var key = await CreateKey(name);
        Silos.Gateways.Count.ShouldBe(2);
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Keys.Count == 1);

        Value(await Silos.Grains.GetGrain<IKeyGrain>(key).Revoke(Anna, Token)).RevokedAt.ShouldNotBeNull();

        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Keys.Count == 0);
    }

    internal static async Task<string> CreateKey(TestSilos silos, string name, DateTimeOffset? expiresAt)
    {
        var secret = KeyText.Create(KeyText.KeyPrefix);
        var hash = silos.Hasher.Hash(secret);
        Value(
            await silos
                .Grains.GetGrain<IKeyGrain>(hash)
                .Create(
                    new(DeploymentName.Parse(name), "key", secret[..KeyText.DisplayLength], expiresAt),
                    Anna,
                    TestContext.Current.CancellationToken
                )
        );
        return hash;
    }

    internal static async Task<CallId> Accept(TestSilos silos, string name, CallLimits limits, string path = "/x")
    {
        var id = CallId.Create(silos.Clock.GetUtcNow());
        var route = await silos.Deployment(name).GetRoute();
        await silos.Service<ICallAcceptor>().Accept(id, new(DeploymentName.Parse(name), route.Uid, new("POST", path, [], null), limits));
        return id;
    }

    private Task<string> CreateKey(string name, DateTimeOffset? expiresAt = null) => CreateKey(Silos, name, expiresAt);

    private Task<CallId> Accept(string name, TimeSpan? retention = null) =>
        Accept(Silos, name, CallLimits.Default with { Retention = retention ?? CallLimits.Default.Retention });

    private async Task ShouldLeaveNoRows(string name)
    {
        (await Silos.CountRows("DeploymentIndex WHERE name = @name", ("@name", name))).ShouldBe(0);
        (await Silos.CountRows("KeyIndex WHERE deployment = @name", ("@name", name))).ShouldBe(0);
        (await Silos.CountRows("AsyncCallIndex WHERE deployment = @name", ("@name", name))).ShouldBe(0);
        (await Silos.CountRows("OrleansStorage WHERE CAST(PayloadBinary AS TEXT) LIKE '%\"' || @name || '\"%'", ("@name", name))).ShouldBe(
            0
        );
    }
}

/// <summary>Tests of retention and recovery across restarts. Each test has its own silos, which it stops or kills.</summary>
public sealed class RetentionRestartTests : SiloTest, IAsyncLifetime
{
    public RetentionRestartTests()
        : base(new TestSilos()) { }

    [Fact]
    public async Task Items_that_became_due_while_no_silo_was_running_are_removed_at_the_next_start()
    {
        var (deleted, kept) = (NewName(), NewName());
        await CreateReady(deleted);
        await CreateReady(kept);
        var key = await RetentionTests.CreateKey(Silos, kept, Silos.Clock.GetUtcNow() + TimeSpan.FromHours(1));
        var call = await RetentionTests.Accept(Silos, kept, CallLimits.Default);
        await Silos.Until(
            async () => (await Silos.Grains.GetGrain<IAsyncCallGrain>(call.Value).Get())?.Status is CallStatus.Completed,
            Second
        );
        Value(await Silos.Deployment(deleted).Delete(Anna, Token));

        await Silos.Restart(() => Silos.Clock.Advance(TimeSpan.FromDays(5)));

        // No request activates these grains: the retention scheduler finds the items in the index.
        await Silos.Until(async () => await Silos.CountRows("DeploymentIndex WHERE name = @name", ("@name", deleted)) == 0, Second);
        await Silos.Until(async () => await Silos.CountRows("KeyIndex WHERE hash = @hash", ("@hash", key)) == 0, Second);
        await Silos.Until(async () => await Silos.CountRows("AsyncCallIndex WHERE id = @id", ("@id", call.Value)) == 0, Second);
        (await View(kept)).Status.ShouldNotBe(DeploymentStatus.Deleted);
    }

    [Fact]
    public async Task Active_deployment_gets_its_pods_again_after_a_crash_and_a_stopped_one_does_not()
    {
        var (active, stopped) = (NewName(), NewName());
        Silos.Pods.ReadyImmediately(active);
        await Create(active, "0-2");
        await ReportWaiting(active);
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
    public async Task Accepted_call_is_executed_after_a_crash()
    {
        var name = NewName();
        await CreateReady(name);
        Silos.Caller.Hang(name);
        var id = await RetentionTests.Accept(Silos, name, CallLimits.Default);

        await Silos.Crash(() => Silos.Caller.RespondWith(name, ScriptedPodCaller.Response()));

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
