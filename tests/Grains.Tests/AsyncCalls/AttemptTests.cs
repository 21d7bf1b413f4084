using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Results;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.AsyncCalls;

/// <summary>Attempts that cross each other, or a cancellation.</summary>
public sealed class AttemptTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    [Fact]
    public async Task A_call_that_is_cancelled_before_its_turn_never_runs()
    {
        var name = NewName();
        await CreateReady(name);
        Value(await Silos.Deployment(name).Stop(Anna, Token));
        var id = await Accept(name);

        var cancelled = Value(await Call(id).Cancel("bob", Token));

        cancelled.Status.ShouldBe(CallStatus.Error);
        cancelled.ErrorCode.ShouldBe(CallErrorCode.Canceled);
        cancelled.ErrorMessage.ShouldNotBeNull().ShouldContain("bob");
        Value(await Silos.Deployment(name).Start(Anna, Token));
        await Silos.Pass(Second * 10);
        Silos.Caller.CallsOf(name).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_attempt_that_runs_is_not_begun_beside_itself()
    {
        var (name, id) = await Running();

        // As a queue does that was taken up on another silo while the call went on.
        (await Call(id).BeginTurn()).IsRunning.ShouldBeTrue();

        await Silos.Pass(Second);
        Silos.Caller.CallsOf(name).ShouldHaveSingleItem().End(ScriptedPodCaller.Answer());
        (await UntilEnded(id, Second)).Attempts.ShouldHaveSingleItem().ErrorCode.ShouldBeNull();
    }

    [Fact]
    public async Task An_attempt_that_has_ended_is_not_completed_once_more()
    {
        var (name, id) = await Running();
        Silos.Caller.CallsOf(name)[0].End(ScriptedPodCaller.Answer(503));
        await Silos.Until(() => CallView(id), call => call.NextAttemptAt is not null);

        await Call(id).CompleteAttempt(1, ScriptedPodCaller.Answer());

        (await CallView(id)).Status.ShouldBe(CallStatus.Queued);
        (await CallView(id)).Attempts.ShouldHaveSingleItem().StatusCode.ShouldBe(503);
    }

    [Fact]
    public async Task A_late_answer_of_a_cancelled_attempt_does_not_end_the_call_when_it_is_run_again()
    {
        var (name, id) = await Running();
        Value(await Call(id).Cancel("bob", Token));
        Value(await Call(id).Retry("bob", Token));

        await Call(id).CompleteAttempt(1, ScriptedPodCaller.Answer(200, "late"));

        (await CallView(id)).Status.ShouldBe(CallStatus.Queued);
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 2, Second);
        Silos.Caller.CallsOf(name)[1].End(ScriptedPodCaller.Answer(201));
        (await UntilEnded(id, Second)).ResultStatusCode.ShouldBe(201);
    }

    [Fact]
    public async Task A_turn_that_finds_no_pod_in_time_counts_as_an_attempt_without_a_pod()
    {
        var name = NewName();
        await CreateReady(name);
        Silos.Caller.Entries(
            name,
            _ => Task.FromResult<PodAnswer?>(PodAnswer.Failed(CallErrorCode.HealthTimeout, "no pod was ready within 120 s"))
        );

        var call = await UntilEnded(await Accept(name), Second);

        (call.Status, call.ErrorCode).ShouldBe((CallStatus.Error, CallErrorCode.HealthTimeout));
        call.Attempts.Select(attempt => (attempt.Number, attempt.Pod, attempt.ErrorCode))
            .ShouldBe(Enumerable.Range(1, 5).Select(number => (number, (string?)null, (CallErrorCode?)CallErrorCode.HealthTimeout)));
        Silos.Caller.CallsOf(name).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_body_that_a_late_answer_brings_is_not_kept()
    {
        var (name, id) = await Running();
        Value(await Call(id).Cancel("bob", Token));
        var bodies = Silos.Service<IBodyStore>();
        await bodies.Write(id, BodyPart.Result(1), new MemoryStream(new byte[40_000]), 1 << 20, Token);

        await Call(id).CompleteAttempt(1, PodAnswer.Answered(new(200, [], new(40_000, null, 1))));

        (await bodies.Open(id, BodyPart.Result(1), Token)).ShouldBeNull();
        (await CallView(id)).ErrorCode.ShouldBe(CallErrorCode.Canceled);
    }

    [Fact]
    public async Task An_attempt_that_says_not_now_is_repeated_and_its_answer_counts()
    {
        var name = NewName();
        await CreateReady(name);
        Silos.Caller.Answers(
            name,
            ScriptedPodCaller.Answer(429),
            PodAnswer.Failed(CallErrorCode.PodFailed, "The connection broke."),
            ScriptedPodCaller.Answer(200, "at last")
        );

        var id = await Accept(name);

        var call = await UntilEnded(id, Second);
        call.Status.ShouldBe(CallStatus.Completed);
        call.Attempts.Select(attempt => attempt.ErrorCode).ShouldBe([CallErrorCode.PodError, CallErrorCode.PodFailed, null]);
        (await Call(id).GetResult())!.Body!.Inline.ShouldBe("at last"u8.ToArray());
    }

    [Fact]
    public async Task Who_watches_all_calls_sees_each_of_them()
    {
        var name = NewName();
        await CreateReady(name);
        await using var watch = Silos.Grains.GetGrain<IQueueGrain>(name).Watch(null, null, Token).GetAsyncEnumerator(Token);
        var next = watch.MoveNextAsync();
        await Silos.Until(async () =>
        {
            await Accept(name);
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
        await Accept(name);
        (await next).ShouldBeTrue();
    }

    [Fact]
    public async Task A_call_that_is_not_there_is_told_as_not_found()
    {
        var id = CallId.New(Silos.Clock.GetUtcNow());

        (await Call(id).Get()).ShouldBeNull();
        (await Call(id).GetResult()).ShouldBeNull();
        Error(await Call(id).Cancel(Anna, Token)).Code.ShouldBe(ErrorCodes.NotFound);
        Error(await Call(id).Retry(Anna, Token)).Code.ShouldBe(ErrorCodes.NotFound);
        (await Call(id).BeginTurn()).ShouldBe(TurnProgress.Over);
        (await Silos.Count("OrleansStorage WHERE GrainIdExtensionString = @id", ("@id", id.Value))).ShouldBe(0);
    }

    private async Task<(string Name, CallId Id)> Running()
    {
        var name = NewName();
        await CreateReady(name);
        Silos.Caller.Hang(name);
        var id = await Accept(name);
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 1, TimeSpan.FromMilliseconds(200));
        return (name, id);
    }
}

/// <summary>What becomes of attempts when their silo ends: each test has a silo of its own, which no other one takes over from.</summary>
public sealed class AttemptAcrossRestartTests : SiloTest, IAsyncLifetime
{
    public AttemptAcrossRestartTests()
        : base(new TestSilos { Silos = 1 }) { }

    public async ValueTask InitializeAsync() => await Silos.Start();

    public ValueTask DisposeAsync() => Silos.DisposeAsync();

    [Fact]
    public async Task An_attempt_that_an_orderly_end_breaks_off_does_not_count()
    {
        var id = await Running();

        await Silos.Restart(() => Silos.Caller.Answers("iris", ScriptedPodCaller.Answer()));

        var call = await UntilEnded(id, Second);
        call.Status.ShouldBe(CallStatus.Completed);
        call.Attempts.Select(attempt => (attempt.Number, attempt.IsCounted)).ShouldBe([(1, false), (2, true)]);
    }

    [Fact]
    public async Task An_attempt_that_a_crash_breaks_off_counts()
    {
        var id = await Running();

        await Silos.Crash(() => Silos.Caller.Answers("iris", ScriptedPodCaller.Answer()));

        var call = await UntilEnded(id, Second);
        call.Status.ShouldBe(CallStatus.Completed);
        call.Attempts.Select(attempt => attempt.ErrorCode).ShouldBe([CallErrorCode.PodFailed, null]);
    }

    [Fact]
    public async Task A_call_whose_last_attempt_was_lost_with_its_silo_ends_without_a_sixth()
    {
        Silos.Settings["AsyncCalls:MaxAttempts"] = "2";
        await Silos.Restart();
        var id = await Running();
        await Silos.Crash();
        await Silos.Until(() => Silos.Caller.CallsOf("iris").Count == 2, Second);

        await Silos.Crash();

        var call = await UntilEnded(id, Second);
        (call.Status, call.ErrorCode).ShouldBe((CallStatus.Error, CallErrorCode.PodFailed));
        call.ErrorMessage.ShouldBe("Attempt 2 failed: the silo that ran it is gone.");
        call.Attempts.Count.ShouldBe(2);
        Silos.Caller.CallsOf("iris").Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_crash_while_a_call_waits_for_a_pod_costs_no_attempt()
    {
        await CreateReady("iris", "1-1");
        var asked = 0;
        Silos.Caller.Entries(
            "iris",
            async token =>
            {
                Interlocked.Increment(ref asked);
                return await new TaskCompletionSource<PodAnswer?>().Task.WaitAsync(token);
            }
        );
        var id = await Accept("iris");
        await Silos.Until(() => asked == 1, TimeSpan.FromMilliseconds(200));

        await Silos.Crash(() => Silos.Caller.Entries("iris", _ => Task.FromResult<PodAnswer?>(null)));

        (await UntilEnded(id, Second)).Attempts.ShouldHaveSingleItem().Number.ShouldBe(1);
    }

    [Fact]
    public async Task A_crash_right_after_the_acceptance_loses_none_of_many_calls()
    {
        await CreateReady("iris", "1-1");
        Silos.Caller.Hang("iris");
        var ids = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Accept("iris")));

        await Silos.Crash(() => Silos.Caller.Answers("iris", ScriptedPodCaller.Answer()));

        foreach (var id in ids)
            (await UntilEnded(id, Second)).Status.ShouldBe(CallStatus.Completed);
    }

    [Fact]
    public async Task An_answer_outlives_a_crash()
    {
        await CreateReady("iris", "1-1");
        Silos.Caller.Answers("iris", ScriptedPodCaller.Answer(422, "no such class"));
        var id = await Accept("iris");
        await UntilEnded(id, Second);

        await Silos.Crash();

        (await Call(id).GetResult())!.Body!.Inline.ShouldBe("no such class"u8.ToArray());
    }

    private async Task<CallId> Running()
    {
        await CreateReady("iris", "1-1");
        Silos.Caller.Hang("iris");
        var id = await Accept("iris");
        await Silos.Until(() => Silos.Caller.CallsOf("iris").Count == 1, TimeSpan.FromMilliseconds(200));
        return id;
    }
}

/// <summary>What becomes of attempts when one silo of several ends.</summary>
public sealed class AttemptAcrossSilosTests : SiloTest, IAsyncLifetime
{
    public AttemptAcrossSilosTests()
        : base(new TestSilos()) { }

    public async ValueTask InitializeAsync() => await Silos.Start();

    public ValueTask DisposeAsync() => Silos.DisposeAsync();

    [Fact]
    public async Task An_attempt_that_an_orderly_end_breaks_off_is_made_once_more_at_another_silo()
    {
        await CreateReady("iris", "1-1");
        Silos.Caller.Hang("iris");
        var id = await Accept("iris");
        await Silos.Until(() => Silos.Caller.CallsOf("iris").Count == 1, TimeSpan.FromMilliseconds(200));
        Silos.Caller.Answers("iris", ScriptedPodCaller.Answer());
        var statistics = await Silos.Grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics(null, null, Token);
        var silo = statistics.Single(grain => grain.GrainId.Type.ToString() == "asynccall").SiloAddress;

        await Silos.Cluster.StopSiloAsync(Silos.Cluster.Silos.Single(s => s.SiloAddress.Equals(silo)), Token);

        var call = await UntilEnded(id, Second);
        call.Status.ShouldBe(CallStatus.Completed);
        call.Attempts.Select(attempt => (attempt.Number, attempt.IsCounted)).ShouldBe([(1, false), (2, true)]);
    }
}
