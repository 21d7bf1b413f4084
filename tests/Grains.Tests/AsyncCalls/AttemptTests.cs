using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Results;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.AsyncCalls;

/// <summary>Tests of attempts that overlap with other attempts or with a cancellation.</summary>
public sealed class AttemptTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    [Fact]
    public async Task Call_canceled_before_its_execution_never_runs()
    {
        var name = NewName();
        await CreateReady(name);
        Value(await Silos.Deployment(name).Stop(Anna, Token));
        var id = await AcceptCall(name);

        var canceled = Value(await Call(id).Cancel("bob", Token));

        canceled.Status.ShouldBe(CallStatus.Error);
        canceled.ErrorCode.ShouldBe(CallErrorCode.Canceled);
        canceled.ErrorMessage.ShouldNotBeNull().ShouldContain("bob");
        Value(await Silos.Deployment(name).Start(Anna, Token));
        await Silos.AdvanceInSteps(Second * 10);
        Silos.Caller.CallsOf(name).ShouldBeEmpty();
    }

    [Fact]
    public async Task Starting_a_running_execution_makes_no_second_attempt()
    {
        var (name, id) = await StartCall();

        // A queue that was activated on another silo does the same while the call is running.
        (await Call(id).StartExecution()).IsRunning.ShouldBeTrue();

        await Silos.AdvanceInSteps(Second);
        Silos.Caller.CallsOf(name).ShouldHaveSingleItem().Complete(ScriptedPodCaller.Response());
        (await UntilEnded(id, Second)).Attempts.ShouldHaveSingleItem().ErrorCode.ShouldBeNull();
    }

    [Fact]
    public async Task Ended_attempt_ignores_a_second_outcome()
    {
        var (name, id) = await StartCall();
        Silos.Caller.CallsOf(name)[0].Complete(ScriptedPodCaller.Response(503));
        await Silos.Until(() => CallView(id), call => call.NextAttemptAt is not null);

        await Call(id).CompleteAttempt(1, ScriptedPodCaller.Response());

        (await CallView(id)).Status.ShouldBe(CallStatus.Queued);
        (await CallView(id)).Attempts.ShouldHaveSingleItem().StatusCode.ShouldBe(503);
    }

    [Fact]
    public async Task Late_outcome_of_a_canceled_attempt_does_not_end_the_retried_call()
    {
        var (name, id) = await StartCall();
        Value(await Call(id).Cancel("bob", Token));
        Value(await Call(id).Retry("bob", Token));

        await Call(id).CompleteAttempt(1, ScriptedPodCaller.Response(200, "late"));

        (await CallView(id)).Status.ShouldBe(CallStatus.Queued);
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 2, Second);
        Silos.Caller.CallsOf(name)[1].Complete(ScriptedPodCaller.Response(201));
        (await UntilEnded(id, Second)).ResultStatusCode.ShouldBe(201);
    }

    [Fact]
    public async Task Execution_without_a_ready_pod_in_time_counts_as_an_attempt_without_pod()
    {
        var name = NewName();
        await CreateReady(name);
        Silos.Caller.ScriptEntry(
            name,
            _ => Task.FromResult<AttemptOutcome?>(AttemptOutcome.Failed(CallErrorCode.HealthTimeout, "no pod was ready within 120 s"))
        );

        var call = await UntilEndedAfterRetries(await AcceptCall(name));

        (call.Status, call.ErrorCode).ShouldBe((CallStatus.Error, CallErrorCode.HealthTimeout));
        call.Attempts.Select(attempt => (attempt.Number, attempt.Pod, attempt.ErrorCode))
            .ShouldBe(Enumerable.Range(1, 5).Select(number => (number, (string?)null, (CallErrorCode?)CallErrorCode.HealthTimeout)));
        Silos.Caller.CallsOf(name).ShouldBeEmpty();
    }

    [Fact]
    public async Task Body_of_a_late_response_is_deleted()
    {
        var (name, id) = await StartCall();
        Value(await Call(id).Cancel("bob", Token));
        var bodies = Silos.Service<IBodyStore>();
        await bodies.Write(id, BodyPart.Result(1), new MemoryStream(new byte[40_000]), 1 << 20, Token);

        await Call(id).CompleteAttempt(1, AttemptOutcome.FromResponse(new(200, [], new(40_000, null, 1))));

        (await bodies.Open(id, BodyPart.Result(1), Token)).ShouldBeNull();
        (await CallView(id)).ErrorCode.ShouldBe(CallErrorCode.Canceled);
    }

    [Fact]
    public async Task Failed_attempts_are_retried_until_a_response_completes_the_call()
    {
        var name = NewName();
        await CreateReady(name);
        Silos.Caller.RespondWith(
            name,
            ScriptedPodCaller.Response(429),
            AttemptOutcome.Failed(CallErrorCode.PodFailed, "The connection broke."),
            ScriptedPodCaller.Response(200, "at last")
        );

        var id = await AcceptCall(name);

        var call = await UntilEnded(id, Second);
        call.Status.ShouldBe(CallStatus.Completed);
        call.Attempts.Select(attempt => attempt.ErrorCode).ShouldBe([CallErrorCode.PodError, CallErrorCode.PodFailed, null]);
        (await Call(id).GetResult())!.Body!.Inline.ShouldBe("at last"u8.ToArray());
    }

    [Fact]
    public async Task Subscriber_of_all_calls_receives_each_call()
    {
        var name = NewName();
        await CreateReady(name);
        await using var watch = Silos.Grains.GetGrain<IQueueGrain>(name).Watch(null, null, Token).GetAsyncEnumerator(Token);
        var next = watch.MoveNextAsync();
        await Silos.Until(async () =>
        {
            await AcceptCall(name);
            return next.IsCompleted;
        });

        var ended = new HashSet<CallId>();
        while (ended.Count < 1)
        {
            (await next).ShouldBeTrue();
            if (watch.Current.Status is CallStatus.Completed)
                ended.Add(watch.Current.Id);
            next = watch.MoveNextAsync();
        }

        Silos.Caller.CallsOf(name).ShouldContain(call => ended.Contains(call.Id));
        await AcceptCall(name);
        (await next).ShouldBeTrue();
    }

    [Fact]
    public async Task Missing_call_is_reported_as_not_found()
    {
        var id = CallId.Create(Silos.Clock.GetUtcNow());

        (await Call(id).Get()).ShouldBeNull();
        (await Call(id).GetResult()).ShouldBeNull();
        Error(await Call(id).Cancel(Anna, Token)).Code.ShouldBe(ErrorCodes.NotFound);
        Error(await Call(id).Retry(Anna, Token)).Code.ShouldBe(ErrorCodes.NotFound);
        (await Call(id).StartExecution()).ShouldBe(ExecutionStatus.CallEnded);
        (await Silos.CountRows("OrleansStorage WHERE GrainIdExtensionString = @id", ("@id", id.Value))).ShouldBe(0);
    }

    private async Task<(string Name, CallId Id)> StartCall()
    {
        var name = NewName();
        await CreateReady(name);
        Silos.Caller.Hang(name);
        var id = await AcceptCall(name);
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 1, TimeSpan.FromMilliseconds(200));
        return (name, id);
    }
}

/// <summary>Tests of attempts whose silo stops or crashes. Each test has its own single silo, so no other silo takes over.</summary>
public sealed class AttemptAcrossRestartTests() : OwnSilosTest(new TestSilos { SiloCount = 1 })
{
    [Fact]
    public async Task Attempt_interrupted_by_a_graceful_shutdown_does_not_count()
    {
        var id = await StartCall();

        await Silos.Restart(() => Silos.Caller.RespondWith("iris", ScriptedPodCaller.Response()));

        var call = await UntilEnded(id, Second);
        call.Status.ShouldBe(CallStatus.Completed);
        call.Attempts.Select(attempt => (attempt.Number, attempt.IsCounted)).ShouldBe([(1, false), (2, true)]);
    }

    [Fact]
    public async Task Attempt_interrupted_by_a_crash_counts()
    {
        var id = await StartCall();

        await Silos.Crash(() => Silos.Caller.RespondWith("iris", ScriptedPodCaller.Response()));

        var call = await UntilEnded(id, Second);
        call.Status.ShouldBe(CallStatus.Completed);
        call.Attempts.Select(attempt => attempt.ErrorCode).ShouldBe([CallErrorCode.PodFailed, null]);
    }

    [Fact]
    public async Task Call_whose_last_attempt_was_lost_with_its_silo_ends_without_another_attempt()
    {
        Silos.Settings["AsyncCalls:MaxAttempts"] = "2";
        await Silos.Restart();
        var id = await StartCall();
        await Silos.Crash();
        await Silos.Until(() => Silos.Caller.CallsOf("iris").Count == 2, Second);

        await Silos.Crash();

        var call = await UntilEnded(id, Second);
        (call.Status, call.ErrorCode).ShouldBe((CallStatus.Error, CallErrorCode.PodFailed));
        call.ErrorMessage.ShouldBe("Attempt 2 failed: the silo that executed it was lost.");
        call.Attempts.Count.ShouldBe(2);
        Silos.Caller.CallsOf("iris").Count.ShouldBe(2);
    }

    [Fact]
    public async Task Crash_while_a_call_waits_for_a_pod_costs_no_attempt()
    {
        await CreateReady("iris", "1-1");
        var requests = 0;
        Silos.Caller.ScriptEntry(
            "iris",
            async token =>
            {
                Interlocked.Increment(ref requests);
                return await new TaskCompletionSource<AttemptOutcome?>().Task.WaitAsync(token);
            }
        );
        var id = await AcceptCall("iris");
        await Silos.Until(() => requests == 1, TimeSpan.FromMilliseconds(200));

        await Silos.Crash(() => Silos.Caller.ScriptEntry("iris", _ => Task.FromResult<AttemptOutcome?>(null)));

        (await UntilEnded(id, Second)).Attempts.ShouldHaveSingleItem().Number.ShouldBe(1);
    }

    [Fact]
    public async Task Crash_right_after_acceptance_loses_no_calls()
    {
        await CreateReady("iris", "1-1");
        Silos.Caller.Hang("iris");
        var ids = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => AcceptCall("iris")));

        await Silos.Crash(() => Silos.Caller.RespondWith("iris", ScriptedPodCaller.Response()));

        foreach (var id in ids)
            (await UntilEnded(id, Second)).Status.ShouldBe(CallStatus.Completed);
    }

    [Fact]
    public async Task Result_survives_a_crash()
    {
        await CreateReady("iris", "1-1");
        Silos.Caller.RespondWith("iris", ScriptedPodCaller.Response(422, "no such class"));
        var id = await AcceptCall("iris");
        await UntilEnded(id, Second);

        await Silos.Crash();

        (await Call(id).GetResult())!.Body!.Inline.ShouldBe("no such class"u8.ToArray());
    }

    private async Task<CallId> StartCall()
    {
        await CreateReady("iris", "1-1");
        Silos.Caller.Hang("iris");
        var id = await AcceptCall("iris");
        await Silos.Until(() => Silos.Caller.CallsOf("iris").Count == 1, TimeSpan.FromMilliseconds(200));
        return id;
    }
}

/// <summary>Tests of attempts when one of several silos stops.</summary>
public sealed class AttemptAcrossSilosTests : SiloTest, IAsyncLifetime
{
    public AttemptAcrossSilosTests()
        : base(new TestSilos()) { }

    public async ValueTask InitializeAsync() => await Silos.Start();

    public ValueTask DisposeAsync() => Silos.DisposeAsync();

    [Fact]
    public async Task Attempt_interrupted_by_a_graceful_shutdown_is_retried_on_another_silo()
    {
        await CreateReady("iris", "1-1");
        Silos.Caller.Hang("iris");
        var id = await AcceptCall("iris");
        await Silos.Until(() => Silos.Caller.CallsOf("iris").Count == 1, TimeSpan.FromMilliseconds(200));
        Silos.Caller.RespondWith("iris", ScriptedPodCaller.Response());
        var statistics = await Silos.Grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics(null, null, Token);
        var silo = statistics.Single(grain => grain.GrainId.Type.ToString() == "asynccall").SiloAddress;

        await Silos.Cluster.StopSiloAsync(Silos.Cluster.Silos.Single(s => s.SiloAddress.Equals(silo)), Token);

        var call = await UntilEnded(id, Second);
        call.Status.ShouldBe(CallStatus.Completed);
        call.Attempts.Select(attempt => (attempt.Number, attempt.IsCounted)).ShouldBe([(1, false), (2, true)]);
    }
}
