using DeployCard.Contracts.AsyncCalls;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;
using Microsoft.Extensions.Hosting;

namespace DeployCard.Grains.Tests.AsyncCalls;

/// <summary>Tests of waiting for the end of a call.</summary>
public sealed class WatchTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task All_waiters_are_released_immediately_when_the_call_ends()
    {
        var (name, id) = await StartCall();
        var waiting = Enumerable.Range(0, 20).Select(_ => Call(id).WaitForEnd(MaxWait, Token)).ToList();

        Silos.Caller.CallsOf(name)[0].Complete(ScriptedPodCaller.Response());

        (await Immediately(Task.WhenAll(waiting))).ShouldAllBe(ended => ended);
        (await CallView(id)).Status.ShouldBe(CallStatus.Completed);
    }

    [Fact]
    public async Task Cancellation_by_a_user_releases_waiters()
    {
        var (_, id) = await StartCall();
        var waiting = Call(id).WaitForEnd(MaxWait, Token);

        Value(await Call(id).Cancel(Anna, Token));

        (await Immediately(waiting)).ShouldBeTrue();
    }

    [Fact]
    public async Task Wait_for_an_ended_or_missing_call_returns_immediately()
    {
        var (_, id) = await StartCall();
        Value(await Call(id).Cancel(Anna, Token));

        (await Call(id).WaitForEnd(MaxWait, Token)).ShouldBeTrue();
        (await Call(CallId.Create(Silos.Clock.GetUtcNow())).WaitForEnd(MaxWait, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task Wait_returns_false_when_the_timeout_expires_before_the_end()
    {
        var (_, id) = await StartCall();
        var waiting = Call(id).WaitForEnd(MaxWait, Token);

        await Silos.Until(() => waiting.IsCompleted, TimeSpan.FromSeconds(11));

        (await waiting).ShouldBeFalse();
        (await CallView(id)).Status.ShouldBe(CallStatus.Queued);
    }

    [Fact]
    public async Task Canceled_wait_ends_immediately_and_the_call_continues()
    {
        var (name, id) = await StartCall();
        using var disconnect = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var leaving = Call(id).WaitForEnd(MaxWait, disconnect.Token);
        var staying = Call(id).WaitForEnd(MaxWait, Token);

        await disconnect.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(leaving);
        Silos.Caller.CallsOf(name)[0].Token.IsCancellationRequested.ShouldBeFalse();
        Silos.Caller.CallsOf(name)[0].Complete(ScriptedPodCaller.Response());
        (await Immediately(staying)).ShouldBeTrue();
    }

    [Fact]
    public async Task Canceled_waits_release_their_timers()
    {
        const int Waiters = 500;
        var (_, id) = await StartCall();
        var before = Silos.Clock.TimerCount;
        using var disconnect = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var leaving = Enumerable.Range(0, Waiters).Select(_ => Call(id).WaitForEnd(MaxWait, disconnect.Token)).ToList();
        // Each wait has its own timer; the silos have a few timers, too.
        await Silos.Until(() => Silos.Clock.TimerCount >= before + (Waiters / 2));

        await disconnect.CancelAsync();

        foreach (var one in leaving)
            await Should.ThrowAsync<OperationCanceledException>(one);
        await Immediately(TimersReleased());

        async Task<bool> TimersReleased()
        {
            await Silos.Until(() => Silos.Clock.TimerCount < before + (Waiters / 2));
            return true;
        }
    }

    [Fact]
    public async Task Removal_of_a_call_releases_waiters()
    {
        var (_, id) = await StartCall();
        var waiting = Call(id).WaitForEnd(MaxWait, Token);

        await Call(id).Remove(Token);

        (await Immediately(waiting)).ShouldBeTrue();
        (await Call(id).Get()).ShouldBeNull();
    }

    [Fact]
    public async Task Retried_call_can_be_waited_for_again()
    {
        var (name, id) = await StartCall();
        Value(await Call(id).Cancel(Anna, Token));
        Value(await Call(id).Retry(Anna, Token));
        var waiting = Call(id).WaitForEnd(MaxWait, Token);
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 2, Second);

        Silos.Caller.CallsOf(name)[1].Complete(ScriptedPodCaller.Response());

        (await Immediately(waiting)).ShouldBeTrue();
    }

    [Fact]
    public async Task Stopping_silo_releases_waiters()
    {
        await using var other = new SiloFixture();
        other.Silos.SiloCount = 1;
        await other.InitializeAsync();
        var tests = new WatchTests(other);
        var (_, id) = await tests.StartCall();
        var waiting = tests.Call(id).WaitForEnd(MaxWait, Token);

        other.Silos.Service<IHostApplicationLifetime>().StopApplication();

        (await Immediately(waiting)).ShouldBeFalse();
    }

    /// <summary>Fails if the wait does not end long before its timeout.</summary>
    private static Task<T> Immediately<T>(Task<T> waiting) => waiting.WaitAsync(MaxWait / 2, TimeProvider.System);

    private async Task<(string Name, CallId Id)> StartCall()
    {
        var name = NewName();
        await CreateReady(name, "1-1");
        Silos.Caller.Hang(name);
        var id = await AcceptCall(name);
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 1, Second);
        return (name, id);
    }
}
