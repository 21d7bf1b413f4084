using System.Diagnostics;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Routing;
using DeployCard.Grains.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

public sealed class DeleteTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    [Fact]
    public async Task Deletion_removes_keys_immediately_from_every_gateway()
    {
        var name = NewName();
        await CreateReady(name);
        var key = await CreateKey(name);
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Keys.Count == 1);

        Value(await Silos.Deployment(name).Delete(Anna, Token));

        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Keys.Count == 0);
        (await Silos.Grains.GetGrain<IKeyGrain>(key.Hash).Get()).ShouldBeNull();
        (await Silos.CountRows("KeyIndex WHERE deployment = @name", ("@name", name))).ShouldBe(0);
    }

    [Fact]
    public async Task Deletion_ends_running_calls_without_waiting_for_them()
    {
        var name = NewName();
        await CreateReady(name);
        Silos.Caller.Hang(name);
        var running = await AcceptCall(name);
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 1);
        var started = Stopwatch.GetTimestamp();

        Value(await Silos.Deployment(name).Delete(Anna, Token));

        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(10));
        var ended = await UntilEnded(running, Second);
        ended.Status.ShouldBe(CallStatus.Error);
        ended.ErrorCode.ShouldBe(CallErrorCode.DeploymentDeleted);
        Silos.Caller.CallsOf(name)[0].Token.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task Deletion_ends_waiting_calls()
    {
        var name = NewName();
        await CreateReady(name, "1-1", new() { Concurrency = 1 });
        Silos.Caller.Hang(name);
        var calls = new List<CallId>();
        for (var i = 0; i < 10; i++)
            calls.Add(await AcceptCall(name));

        Value(await Silos.Deployment(name).Delete(Anna, Token));

        foreach (var call in calls)
            (await UntilEnded(call, Second)).ErrorCode.ShouldBe(CallErrorCode.DeploymentDeleted);
    }

    [Fact]
    public async Task Call_accepted_after_deletion_ends_with_the_same_error()
    {
        var name = NewName();
        await CreateReady(name);
        Value(await Silos.Deployment(name).Delete(Anna, Token));

        var late = await AcceptCall(name);

        (await UntilEnded(late, Second)).ErrorCode.ShouldBe(CallErrorCode.DeploymentDeleted);
        Silos.Caller.CallsOf(name).ShouldBeEmpty();
    }

    [Fact]
    public async Task Purge_removes_all_data_and_frees_the_name()
    {
        var name = NewName();
        await CreateReady(name, "1-1");
        var key = await CreateKey(name);
        var call = await AcceptCall(name);
        await UntilEnded(call, Second);
        Silos.Pods.Write((await View(name)).Pods[0].Name, "a line");
        Value(await Silos.Deployment(name).Delete(Anna, Token));

        await Silos.AdvanceInSteps(TimeSpan.FromDays(3));
        await Silos.Until(async () => await Silos.Deployment(name).Get() is null, TimeSpan.FromMinutes(1));

        await Silos.Until(async () => await RemainingRows(name, key, call) == "", TimeSpan.FromMinutes(1));
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.State == RouteState.Missing);
        Value(await Silos.Deployment(name).Create(Draft(), "bob", Token)).CreatedBy.ShouldBe("bob");
        (await Silos.Deployment(name).GetEvents()).ShouldHaveSingleItem();
        (await Silos.Grains.GetGrain<ILogGrain>(name).Read(new())).ShouldBeEmpty();
    }

    [Fact]
    public async Task Subscription_completes_when_the_deployment_is_purged()
    {
        var name = NewName();
        await CreateReady(name, "1-1");
        Value(await Silos.Deployment(name).Delete(Anna, Token));
        // Advance to the last minute first: a subscription does not survive jumps of hours.
        await Silos.AdvanceInSteps(TimeSpan.FromDays(3) - TimeSpan.FromMinutes(1));
        await using var watch = Silos.Deployment(name).Watch(Token).GetAsyncEnumerator(Token);
        (await watch.MoveNextAsync()).ShouldBeTrue();
        var seen = new List<DeploymentView>();

        var end = Task.Run(
            async () =>
            {
                while (await watch.MoveNextAsync())
                    seen.Add(watch.Current);
            },
            Token
        );

        await Silos.Until(() => end.IsCompleted, Second);
        await end;
        seen.ShouldAllBe(view => view.Status == DeploymentStatus.Deleted);
    }

    /// <summary>Returns the tables that still contain data of the deployment, with the number of rows.</summary>
    private async Task<string> RemainingRows(string name, KeySummary key, CallId call)
    {
        var rows = new Dictionary<string, long>
        {
            ["DeploymentIndex"] = await Silos.CountRows("DeploymentIndex WHERE name = @name", ("@name", name)),
            ["KeyIndex"] = await Silos.CountRows("KeyIndex WHERE deployment = @name", ("@name", name)),
            ["AsyncCallIndex"] = await Silos.CountRows("AsyncCallIndex WHERE deployment = @name", ("@name", name)),
            ["LogBlock"] = await Silos.CountRows("LogBlock WHERE deployment = @name", ("@name", name)),
            ["Body"] = await Silos.CountRows("Body WHERE callId = @call", ("@call", call.Value)),
            ["OrleansStorage"] = await Silos.CountRows(
                "OrleansStorage WHERE GrainIdExtensionString IN (@name, @key, @call)",
                ("@name", name),
                ("@key", key.Hash),
                ("@call", call.Value)
            ),
            ["OrleansStorage by content"] = await Silos.CountRows(
                "OrleansStorage WHERE CAST(PayloadBinary AS TEXT) LIKE @like",
                ("@like", $"%\"{name}\"%")
            ),
        };
        return string.Join(", ", rows.Where(row => row.Value > 0));
    }
}
