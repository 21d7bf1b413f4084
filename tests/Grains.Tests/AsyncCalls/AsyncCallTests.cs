using DeployCard.Contracts.AsyncCalls;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.AsyncCalls;

/// <summary>Tests of an asynchronous call from its acceptance to its end.</summary>
public sealed class AsyncCallTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    private static readonly CallLimits Limits = CallLimits.Default;

    [Fact]
    public async Task Calls_run_in_the_order_of_their_acceptance()
    {
        var name = await CreateDeployment(new() { Concurrency = 1 });
        Silos.Caller.Script(
            name,
            async _ =>
            {
                await Task.Yield();
                return ScriptedPodCaller.Response();
            }
        );
        var ids = new List<CallId>();
        for (var i = 0; i < 30; i++)
            ids.Add(await AcceptCall(name));
        foreach (var id in ids)
            await WaitUntilEnded(id, CallStatus.Completed);
        // Two calls run concurrently (pod capacity plus one pod), so neighbors may be swapped.
        var order = Silos.Caller.CallsOf(name).Select(call => ids.IndexOf(call.Id)).ToList();
        order.Count.ShouldBe(30);
        order.Select((place, i) => Math.Abs(place - i)).Max().ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task Call_that_keeps_failing_ends_after_five_attempts_with_growing_backoff()
    {
        var name = await CreateDeployment();
        Silos.Caller.RespondWith(name, ScriptedPodCaller.Response(503));
        var id = await AcceptCall(name);
        var call = await UntilEndedAfterRetries(id);
        call.Status.ShouldBe(CallStatus.Error);
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
    public async Task Response_of_the_model_is_final(int status)
    {
        var name = await CreateDeployment();
        Silos.Caller.RespondWith(name, ScriptedPodCaller.Response(status, "the response"));
        var call = await WaitUntilEnded(await AcceptCall(name), CallStatus.Completed);
        call.ResultStatusCode.ShouldBe(status);
        call.Attempts.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Execution_without_an_attempt_is_not_recorded()
    {
        var name = await CreateDeployment();
        var requests = 0;
        Silos.Caller.ScriptEntry(
            name,
            _ => Task.FromResult(Interlocked.Increment(ref requests) <= 2 ? AttemptOutcome.NotAttempted("not now") : null)
        );
        (await WaitUntilEnded(await AcceptCall(name), CallStatus.Completed)).Attempts.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Canceled_call_aborts_its_attempt_and_discards_its_late_outcome()
    {
        var name = await CreateDeployment();
        Silos.Caller.HangIgnoringCancellation(name);
        var id = await AcceptCall(name);
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 1, Second);

        Value(await Call(id).Cancel(Anna, Token)).ErrorCode.ShouldBe(CallErrorCode.Canceled);
        var attempt = Silos.Caller.CallsOf(name).Single();
        await Silos.Until(() => attempt.Token.IsCancellationRequested);
        attempt.Complete(ScriptedPodCaller.Response(200, "too late"));
        await Call(id).CompleteAttempt(1, ScriptedPodCaller.Response(200, "later still"));

        var call = (await Call(id).Get())!;
        call.Status.ShouldBe(CallStatus.Error);
        (await Call(id).GetResult()).ShouldBeNull();
        Error(await Call(id).Cancel(Anna, Token)).Code.ShouldBe("ALREADY_ENDED");
    }

    [Fact]
    public async Task Late_outcome_of_an_older_attempt_is_ignored()
    {
        var name = await CreateDeployment();
        Silos.Caller.Hang(name);
        var id = await AcceptCall(name);
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 1, Second);
        Silos.Caller.CallsOf(name)[0].Complete(ScriptedPodCaller.Response(500));
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 2, Second);

        await Call(id).CompleteAttempt(1, ScriptedPodCaller.Response(200, "of the first attempt"));

        (await Call(id).Get())!.Status.ShouldBe(CallStatus.Queued);
        Silos.Caller.CallsOf(name)[1].Complete(ScriptedPodCaller.Response(200, "of the second"));
        (await WaitUntilEnded(id, CallStatus.Completed)).Attempts.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Call_expires_after_its_full_live_timeout()
    {
        var name = await CreateDeployment();
        Silos.Caller.Hang(name);
        var id = await AcceptCall(name, Limits with { FullLive = TimeSpan.FromMinutes(30) });
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 1, Second);
        await Silos.AdvanceInSteps(TimeSpan.FromMinutes(25));
        (await Call(id).Get())!.Status.ShouldBe(CallStatus.Queued);
        (await WaitUntilEnded(id, CallStatus.Error, TimeSpan.FromMinutes(1))).ErrorCode.ShouldBe(CallErrorCode.Expired);
        await Silos.Until(() => Silos.Caller.CallsOf(name)[0].Token.IsCancellationRequested);
    }

    [Fact]
    public async Task Calls_of_a_stopped_deployment_run_after_it_is_started()
    {
        var name = await CreateDeployment();
        Value(await Silos.Deployment(name).Stop(Anna, Token));
        var id = await AcceptCall(name);
        await Silos.AdvanceInSteps(TimeSpan.FromSeconds(10));
        Silos.Caller.CallsOf(name).ShouldBeEmpty();
        Value(await Silos.Deployment(name).Start(Anna, Token));
        await WaitUntilEnded(id, CallStatus.Completed);
    }

    [Fact]
    public async Task Calls_of_a_deleted_deployment_end_with_deployment_deleted()
    {
        var name = await CreateDeployment();
        Value(await Silos.Deployment(name).Stop(Anna, Token));
        var ids = new List<CallId>();
        for (var i = 0; i < 5; i++)
            ids.Add(await AcceptCall(name));
        Value(await Silos.Deployment(name).Delete(Anna, Token));
        foreach (var id in ids)
            (await WaitUntilEnded(id, CallStatus.Error)).ErrorCode.ShouldBe(CallErrorCode.DeploymentDeleted);
    }

    [Fact]
    public async Task Queued_call_cannot_be_retried_because_it_has_not_ended()
    {
        var name = await CreateDeployment();
        Silos.Caller.Hang(name);
        var id = await AcceptCall(name);

        Error(await Call(id).Retry(Anna, Token)).Code.ShouldBe("NOT_ENDED");
    }

    [Fact]
    public async Task Retried_call_gets_a_new_series_of_attempts()
    {
        var name = await CreateDeployment();
        Silos.Caller.RespondWith(name, ScriptedPodCaller.Response(500));
        var id = await AcceptCall(name);
        (await UntilEndedAfterRetries(id)).Status.ShouldBe(CallStatus.Error);
        Silos.Caller.RespondWith(name, ScriptedPodCaller.Response(500), ScriptedPodCaller.Response());
        Value(await Call(id).Retry(Anna, Token)).Status.ShouldBe(CallStatus.Queued);
        var call = await UntilEndedAfterRetries(id);
        (call.Status, call.Attempts.Count).ShouldBe((CallStatus.Completed, 7));
        Error(await Call(id).Retry(Anna, Token)).Code.ShouldBe("ALREADY_ENDED");
    }

    [Fact]
    public async Task Subscriber_of_a_call_receives_its_current_state_and_its_end()
    {
        var name = await CreateDeployment();
        Silos.Caller.Hang(name);
        var id = await AcceptCall(name);
        await using var watch = Silos.Grains.GetGrain<IQueueGrain>(name).Watch(id, null, Token).GetAsyncEnumerator(Token);
        (await watch.MoveNextAsync()).ShouldBeTrue();
        watch.Current.Status.ShouldBe(CallStatus.Queued);
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 1, Second);
        Silos.Caller.CallsOf(name)[0].Complete(ScriptedPodCaller.Response());
        while (watch.Current.Status is not CallStatus.Completed)
            (await watch.MoveNextAsync()).ShouldBeTrue();
    }

    private async Task<string> CreateDeployment(Contracts.Configuration.ConfigurationInput? configuration = null)
    {
        var name = NewName();
        await CreateReady(name, "1-1", configuration);
        return name;
    }

    private async Task<CallView> WaitUntilEnded(CallId id, CallStatus status, TimeSpan? step = null) =>
        (await Silos.Until(() => Call(id).Get(), call => call?.Status == status, step ?? TimeSpan.FromMilliseconds(200)))!;
}
