using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;
using Microsoft.Extensions.Hosting;

namespace DeployCard.Grains.Tests.AsyncCalls;

/// <summary>Waiting for a call's end.</summary>
public sealed class WatchTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task All_who_wait_learn_of_the_end_at_once()
    {
        var (name, id) = await Running();
        var waiting = Enumerable.Range(0, 20).Select(_ => Call(id).AwaitEnd(Patience, Token)).ToList();

        Silos.Caller.CallsOf(name)[0].End(ScriptedPodCaller.Answer());

        (await AtOnce(Task.WhenAll(waiting))).ShouldAllBe(ended => ended);
        (await CallView(id)).Status.ShouldBe(CallStatus.Completed);
    }

    [Fact]
    public async Task An_end_by_a_person_is_one_too()
    {
        var (_, id) = await Running();
        var waiting = Call(id).AwaitEnd(Patience, Token);

        Value(await Call(id).Cancel(Anna, Token));

        (await AtOnce(waiting)).ShouldBeTrue();
    }

    [Fact]
    public async Task Nobody_waits_for_a_call_that_has_ended_or_never_was()
    {
        var (_, id) = await Running();
        Value(await Call(id).Cancel(Anna, Token));

        (await Call(id).AwaitEnd(Patience, Token)).ShouldBeTrue();
        (await Call(CallId.New(Silos.Clock.GetUtcNow())).AwaitEnd(Patience, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task After_the_time_it_is_told_that_the_call_goes_on()
    {
        var (_, id) = await Running();
        var waiting = Call(id).AwaitEnd(Patience, Token);

        await Silos.Until(() => waiting.IsCompleted, TimeSpan.FromSeconds(11));

        (await waiting).ShouldBeFalse();
        (await CallView(id)).Status.ShouldBe(CallStatus.Queued);
    }

    [Fact]
    public async Task Who_goes_away_leaves_at_once_and_the_call_runs_on()
    {
        var (name, id) = await Running();
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var leaving = Call(id).AwaitEnd(Patience, gone.Token);
        var staying = Call(id).AwaitEnd(Patience, Token);

        await gone.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(leaving);
        Silos.Caller.CallsOf(name)[0].Token.IsCancellationRequested.ShouldBeFalse();
        Silos.Caller.CallsOf(name)[0].End(ScriptedPodCaller.Answer());
        (await AtOnce(staying)).ShouldBeTrue();
    }

    [Fact]
    public async Task Nothing_is_kept_of_those_who_went_away()
    {
        const int Crowd = 500;
        var (_, id) = await Running();
        var quiet = Silos.Clock.Timers;
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var leaving = Enumerable.Range(0, Crowd).Select(_ => Call(id).AwaitEnd(Patience, gone.Token)).ToList();
        // Each has a timer of its own; a few more or less are the silos' own.
        await Silos.Until(() => Silos.Clock.Timers >= quiet + (Crowd / 2));

        await gone.CancelAsync();

        foreach (var one in leaving)
            await Should.ThrowAsync<OperationCanceledException>(one);
        await AtOnce(Gone());

        async Task<bool> Gone()
        {
            await Silos.Until(() => Silos.Clock.Timers < quiet + (Crowd / 2));
            return true;
        }
    }

    [Fact]
    public async Task A_call_that_is_removed_releases_who_waits()
    {
        var (_, id) = await Running();
        var waiting = Call(id).AwaitEnd(Patience, Token);

        await Call(id).Remove(Token);

        (await AtOnce(waiting)).ShouldBeTrue();
        (await Call(id).Get()).ShouldBeNull();
    }

    [Fact]
    public async Task A_call_that_is_run_again_is_waited_for_again()
    {
        var (name, id) = await Running();
        Value(await Call(id).Cancel(Anna, Token));
        Value(await Call(id).Retry(Anna, Token));
        var waiting = Call(id).AwaitEnd(Patience, Token);
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 2, Second);

        Silos.Caller.CallsOf(name)[1].End(ScriptedPodCaller.Answer());

        (await AtOnce(waiting)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_silo_that_ends_keeps_nobody_waiting()
    {
        await using var others = new SiloFixture();
        others.Silos.Silos = 1;
        await others.InitializeAsync();
        var ending = new WatchTests(others);
        var (_, id) = await ending.Running();
        var waiting = ending.Call(id).AwaitEnd(Patience, Token);

        others.Silos.Service<IHostApplicationLifetime>().StopApplication();

        (await AtOnce(waiting)).ShouldBeFalse();
    }

    /// <summary>Long before the time that they would wait is over.</summary>
    private static Task<T> AtOnce<T>(Task<T> waiting) => waiting.WaitAsync(Patience / 2, TimeProvider.System);

    private async Task<(string Name, CallId Id)> Running()
    {
        var name = NewName();
        await CreateReady(name, "1-1");
        Silos.Caller.Hang(name);
        var id = await Accept(name);
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 1, Second);
        return (name, id);
    }
}
