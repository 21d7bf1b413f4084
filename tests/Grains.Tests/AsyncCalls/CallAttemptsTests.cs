using DeployCard.Contracts.AsyncCalls;
using DeployCard.Domain.AsyncCalls;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class CallAttemptsTests : IDisposable
{
    private readonly CallParts parts = new(queued => queued.WithAttemptStarted("pod", CallParts.Start));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private CallAttempts Attempts => parts.Attempts;

    private AsyncCallState State => parts.Call.State;

    public void Dispose() => parts.Dispose();

    [Fact]
    public async Task Ends_of_the_attempt_and_of_the_call_are_one_write()
    {
        await Attempts.Complete(1, ScriptedPodCaller.Response());

        var written = parts.Stored.Writes.ShouldHaveSingleItem();
        (written.Status, written.OpenAttempt).ShouldBe((CallStatus.Completed, null));
    }

    [Fact]
    public async Task End_of_the_attempt_and_time_of_the_next_attempt_are_one_write()
    {
        await Attempts.Complete(1, ScriptedPodCaller.Response(503));

        var written = parts.Stored.Writes.ShouldHaveSingleItem();
        (written.Status, written.OpenAttempt).ShouldBe((CallStatus.Queued, null));
        written.NextAttemptAt.ShouldNotBeNull().ShouldBeGreaterThan(CallParts.Start);
    }

    [Fact]
    public async Task Outcome_of_another_attempt_is_ignored_and_its_body_deleted()
    {
        await Attempts.Complete(2, AttemptOutcome.FromResponse(new(200, [], new(40_000, null, 2))));

        parts.Steps.ShouldBe([$"Delete body {BodyPart.Result(2)}"]);
        State.OpenAttempt.ShouldNotBeNull();
    }

    [Fact]
    public async Task Outcome_of_an_ended_call_is_ignored()
    {
        await parts.Ending.End(State, CallEnd.Failed(CallErrorCode.Canceled, "Canceled."), Token);

        await Attempts.Complete(1, ScriptedPodCaller.Response());

        (State.Status, State.Result).ShouldBe((CallStatus.Error, null));
    }

    [Fact]
    public async Task Execution_that_is_not_running_starts_no_attempt()
    {
        (await Attempts.Start(Guid.NewGuid(), "pod")).ShouldBeNull();
        await Attempts.CompleteWithoutPod(Guid.NewGuid(), AttemptOutcome.Failed(CallErrorCode.HealthTimeout, "no pod"));

        parts.Stored.Writes.ShouldBeEmpty();
    }

    [Fact]
    public void Orphaned_attempt_counts_and_is_stored_only_with_the_next_change()
    {
        Attempts.FailOrphaned("its silo was lost");

        (State.CountedAttempts, State.OpenAttempt).ShouldBe((1, null));
        parts.Steps.ShouldBeEmpty();
    }

    [Fact]
    public async Task Call_whose_allowed_attempts_are_lost_ends()
    {
        Attempts.FailOrphaned("its silo was lost");
        await Attempts.EndIfExhausted();
        State.HasEnded.ShouldBeFalse("one more attempt is allowed");
        parts.Call.Amend(State.WithAttemptStarted("pod", CallParts.Start));
        Attempts.FailOrphaned("its silo was lost");

        await Attempts.EndIfExhausted();

        (State.Status, State.ErrorMessage).ShouldBe((CallStatus.Error, "Attempt 2 failed: its silo was lost."));
    }

    [Fact]
    public async Task Deactivation_interrupts_the_attempt_only_if_the_silo_stops()
    {
        await Attempts.InterruptByShutdown(Token);
        State.OpenAttempt.ShouldNotBeNull();

        parts.Stop();
        await Attempts.InterruptByShutdown(Token);

        parts.Stored.Writes.ShouldHaveSingleItem().Attempts.ShouldHaveSingleItem().IsCounted.ShouldBeFalse();
        parts.Steps.ShouldBe(["write"]);
    }
}
