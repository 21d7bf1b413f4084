using System.Diagnostics;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Routing;
using DeployCard.Grains.Tests.Support;

namespace DeployCard.Grains.Tests.Deployments;

public sealed class DeleteTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    [Fact]
    public async Task Its_keys_go_at_once_and_open_nothing_any_more()
    {
        var name = NewName();
        await CreateReady(name);
        var key = await CreateKey(name);
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Keys.Count == 1);

        Value(await Silos.Deployment(name).Delete(Anna, Token));

        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.Keys.Count == 0);
        (await Silos.Grains.GetGrain<IKeyGrain>(key.Hash).Get()).ShouldBeNull();
        (await Silos.Count("KeyIndex WHERE deployment = @name", ("@name", name))).ShouldBe(0);
    }

    [Fact]
    public async Task Its_calls_end_and_nobody_waits_for_anybody()
    {
        var name = NewName();
        await CreateReady(name);
        Silos.Caller.Hang(name);
        var running = await Accept(name);
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
    public async Task Its_calls_that_wait_end_too()
    {
        var name = NewName();
        await CreateReady(name, "1-1", new() { Concurrency = 1 });
        Silos.Caller.Hang(name);
        var calls = new List<CallId>();
        for (var i = 0; i < 10; i++)
            calls.Add(await Accept(name));

        Value(await Silos.Deployment(name).Delete(Anna, Token));

        foreach (var call in calls)
            (await UntilEnded(call, Second)).ErrorCode.ShouldBe(CallErrorCode.DeploymentDeleted);
    }

    [Fact]
    public async Task A_call_that_comes_after_it_ends_the_same_way()
    {
        var name = NewName();
        await CreateReady(name);
        Value(await Silos.Deployment(name).Delete(Anna, Token));

        var late = await Accept(name);

        (await UntilEnded(late, Second)).ErrorCode.ShouldBe(CallErrorCode.DeploymentDeleted);
        Silos.Caller.CallsOf(name).ShouldBeEmpty();
    }

    [Fact]
    public async Task When_its_retention_is_over_nothing_is_left_and_the_name_is_free()
    {
        var name = NewName();
        await CreateReady(name, "1-1");
        var key = await CreateKey(name);
        var call = await Accept(name);
        await UntilEnded(call, Second);
        Silos.Pods.Write((await View(name)).Pods[0].Name, "a line");
        Value(await Silos.Deployment(name).Delete(Anna, Token));

        await Silos.Pass(TimeSpan.FromDays(3));
        await Silos.Until(async () => await Silos.Deployment(name).Get() is null, TimeSpan.FromMinutes(1));

        await Silos.Until(async () => await Left(name, key, call) == "", TimeSpan.FromMinutes(1));
        Silos.Gateways.ShouldAllBe(gateway => gateway.Route(name)!.State == RouteState.Missing);
        Value(await Silos.Deployment(name).Create(Draft(), "bob", Token)).CreatedBy.ShouldBe("bob");
        (await Silos.Deployment(name).Events()).ShouldHaveSingleItem();
        (await Silos.Grains.GetGrain<ILogGrain>(name).Read(new())).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_watch_of_it_ends_when_it_is_gone()
    {
        var name = NewName();
        await CreateReady(name, "1-1");
        Value(await Silos.Deployment(name).Delete(Anna, Token));
        // Up to the last minute first: a watch does not live through leaps of hours.
        await Silos.Pass(TimeSpan.FromDays(3) - TimeSpan.FromMinutes(1));
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

    /// <summary>Where anything is left of it, by table.</summary>
    private async Task<string> Left(string name, KeySummary key, CallId call)
    {
        var rows = new Dictionary<string, long>
        {
            ["DeploymentIndex"] = await Silos.Count("DeploymentIndex WHERE name = @name", ("@name", name)),
            ["KeyIndex"] = await Silos.Count("KeyIndex WHERE deployment = @name", ("@name", name)),
            ["AsyncCallIndex"] = await Silos.Count("AsyncCallIndex WHERE deployment = @name", ("@name", name)),
            ["LogBlock"] = await Silos.Count("LogBlock WHERE deployment = @name", ("@name", name)),
            ["Body"] = await Silos.Count("Body WHERE callId = @call", ("@call", call.Value)),
            ["OrleansStorage"] = await Silos.Count(
                "OrleansStorage WHERE GrainIdExtensionString IN (@name, @key, @call)",
                ("@name", name),
                ("@key", key.Hash),
                ("@call", call.Value)
            ),
            ["OrleansStorage by content"] = await Silos.Count(
                "OrleansStorage WHERE CAST(PayloadBinary AS TEXT) LIKE @like",
                ("@like", $"%\"{name}\"%")
            ),
        };
        return string.Join(", ", rows.Where(row => row.Value > 0));
    }
}
