using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.AsyncCalls;

/// <summary>An asynchronous call from its acceptance to its end.</summary>
public sealed class AsyncCallTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    private static readonly CallLimits Limits = CallLimits.Default;

    [Fact]
    public async Task Calls_run_in_the_order_of_their_acceptance()
    {
        var name = await Deployed(new() { Concurrency = 1 });
        Silos.Caller.Script(
            name,
            async _ =>
            {
                await Task.Yield();
                return ScriptedPodCaller.Answer();
            }
        );
        var ids = new List<CallId>();
        for (var i = 0; i < 30; i++)
            ids.Add(await Accept(name));
        foreach (var id in ids)
            await Ended(id, CallStatus.Completed);
        // Two at once (a pod's worth more than there are pods), so neighbours may change places.
        var order = Silos.Caller.CallsOf(name).Select(call => ids.IndexOf(call.Id)).ToList();
        order.Count.ShouldBe(30);
        order.Select((place, i) => Math.Abs(place - i)).Max().ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task A_call_that_keeps_failing_ends_after_five_attempts_with_growing_pauses()
    {
        var name = await Deployed();
        Silos.Caller.Answers(name, ScriptedPodCaller.Answer(503));
        var id = await Accept(name);
        var call = await Ended(id, CallStatus.Error);
        call.ErrorCode.ShouldBe(CallErrorCode.PodError);
        call.Attempts.Count.ShouldBe(5);
        call.Attempts.ShouldAllBe(attempt => attempt.StatusCode == 503 && attempt.EndedAt != null);
        var pauses = call.Attempts.Zip(call.Attempts.Skip(1), (one, next) => next.StartedAt - one.EndedAt!.Value).ToList();
        for (var i = 0; i < pauses.Count; i++)
            pauses[i].ShouldBeGreaterThan(TimeSpan.FromSeconds(Math.Pow(4, i) * 0.74));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(404)]
    [InlineData(422)]
    public async Task An_answer_that_is_the_models_own_is_final(int status)
    {
        var name = await Deployed();
        Silos.Caller.Answers(name, ScriptedPodCaller.Answer(status, "the answer"));
        var call = await Ended(await Accept(name), CallStatus.Completed);
        call.ResultStatusCode.ShouldBe(status);
        call.Attempts.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_call_that_was_not_tried_has_made_no_attempt()
    {
        var name = await Deployed();
        var asked = 0;
        Silos.Caller.Entries(name, _ => Task.FromResult(Interlocked.Increment(ref asked) <= 2 ? PodAnswer.NotTried("not now") : null));
        (await Ended(await Accept(name), CallStatus.Completed)).Attempts.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_canceled_call_aborts_its_attempt_and_drops_its_late_answer()
    {
        var name = await Deployed();
        Silos.Caller.HangDeaf(name);
        var id = await Accept(name);
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 1, Second);

        Value(await Call(id).Cancel(Anna, Token)).ErrorCode.ShouldBe(CallErrorCode.Canceled);
        var attempt = Silos.Caller.CallsOf(name).Single();
        await Silos.Until(() => attempt.Token.IsCancellationRequested);
        attempt.End(ScriptedPodCaller.Answer(200, "too late"));
        await Call(id).CompleteAttempt(1, ScriptedPodCaller.Answer(200, "later still"));

        var call = (await Call(id).Get())!;
        call.Status.ShouldBe(CallStatus.Error);
        (await Call(id).GetResult()).ShouldBeNull();
        Error(await Call(id).Cancel(Anna, Token)).Code.ShouldBe("ALREADY_ENDED");
    }

    [Fact]
    public async Task A_late_answer_of_an_older_attempt_changes_nothing()
    {
        var name = await Deployed();
        Silos.Caller.Hang(name);
        var id = await Accept(name);
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 1, Second);
        Silos.Caller.CallsOf(name)[0].End(ScriptedPodCaller.Answer(500));
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 2, Second);

        await Call(id).CompleteAttempt(1, ScriptedPodCaller.Answer(200, "of the first attempt"));

        (await Call(id).Get())!.Status.ShouldBe(CallStatus.Queued);
        Silos.Caller.CallsOf(name)[1].End(ScriptedPodCaller.Answer(200, "of the second"));
        (await Ended(id, CallStatus.Completed)).Attempts.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_call_ends_when_its_whole_life_is_over()
    {
        var name = await Deployed();
        Silos.Caller.Hang(name);
        var id = await Accept(name, Limits with { FullLive = TimeSpan.FromMinutes(30) });
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 1, Second);
        await Silos.Pass(TimeSpan.FromMinutes(25));
        (await Call(id).Get())!.Status.ShouldBe(CallStatus.Queued);
        (await Ended(id, CallStatus.Error, TimeSpan.FromMinutes(1))).ErrorCode.ShouldBe(CallErrorCode.Expired);
        await Silos.Until(() => Silos.Caller.CallsOf(name)[0].Token.IsCancellationRequested);
    }

    [Fact]
    public async Task Calls_of_a_stopped_deployment_wait_and_run_when_it_is_started()
    {
        var name = await Deployed();
        Value(await Silos.Deployment(name).Stop(Anna, Token));
        var id = await Accept(name);
        await Silos.Pass(TimeSpan.FromSeconds(10));
        Silos.Caller.CallsOf(name).ShouldBeEmpty();
        Value(await Silos.Deployment(name).Start(Anna, Token));
        await Ended(id, CallStatus.Completed);
    }

    [Fact]
    public async Task Calls_of_a_deleted_deployment_end_with_that_reason()
    {
        var name = await Deployed();
        Value(await Silos.Deployment(name).Stop(Anna, Token));
        var ids = new List<CallId>();
        for (var i = 0; i < 5; i++)
            ids.Add(await Accept(name));
        Value(await Silos.Deployment(name).Delete(Anna, Token));
        foreach (var id in ids)
            (await Ended(id, CallStatus.Error)).ErrorCode.ShouldBe(CallErrorCode.DeploymentDeleted);
    }

    [Fact]
    public async Task A_failed_call_that_is_run_again_has_a_new_series_of_attempts()
    {
        var name = await Deployed();
        Silos.Caller.Answers(name, ScriptedPodCaller.Answer(500));
        var id = await Accept(name);
        await Ended(id, CallStatus.Error);
        Silos.Caller.Answers(name, ScriptedPodCaller.Answer(500), ScriptedPodCaller.Answer());
        Value(await Call(id).Retry(Anna, Token)).Status.ShouldBe(CallStatus.Queued);
        (await Ended(id, CallStatus.Completed)).Attempts.Count.ShouldBe(7);
        Error(await Call(id).Retry(Anna, Token)).Code.ShouldBe("ALREADY_ENDED");
    }

    [Fact]
    public async Task Who_watches_a_call_sees_it_at_once_and_to_its_end()
    {
        var name = await Deployed();
        Silos.Caller.Hang(name);
        var id = await Accept(name);
        await using var watch = Silos.Grains.GetGrain<IQueueGrain>(name).Watch(id, null, Token).GetAsyncEnumerator(Token);
        (await watch.MoveNextAsync()).ShouldBeTrue();
        watch.Current.Status.ShouldBe(CallStatus.Queued);
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 1, Second);
        Silos.Caller.CallsOf(name)[0].End(ScriptedPodCaller.Answer());
        while (watch.Current.Status is not CallStatus.Completed)
            (await watch.MoveNextAsync()).ShouldBeTrue();
    }

    private async Task<string> Deployed(Grains.Deployments.ConfigurationSpec? configuration = null)
    {
        var name = NewName();
        await CreateReady(name, "1-1", configuration);
        return name;
    }

    private async Task<CallView> Ended(CallId id, CallStatus status, TimeSpan? step = null) =>
        (await Silos.Until(() => Call(id).Get(), call => call?.Status == status, step ?? TimeSpan.FromMilliseconds(200)))!;
}
