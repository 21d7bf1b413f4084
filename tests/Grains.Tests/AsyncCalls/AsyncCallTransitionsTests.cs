using DeployCard.Contracts.AsyncCalls;
using DeployCard.Domain.AsyncCalls;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class AsyncCallTransitionsTests
{
    private static readonly DateTimeOffset Now = CallParts.Start;
    private static readonly AsyncCallState Queued = new() { Id = CallId.Create(Now).Value, NextAttemptAt = Now };

    [Fact]
    public void Attempt_numbers_are_never_reused()
    {
        var state = Queued.WithAttemptStarted("a", Now);
        state = state.WithAttemptInterrupted(state.OpenAttempt!, Now).WithAttemptStarted("b", Now);
        state = state.WithAttemptLost(state.OpenAttempt!, "lost", Now).WithAttemptWithoutPod(Now);
        state = state.WithEnd(CallEnd.Failed(CallErrorCode.HealthTimeout, "no pod"), Now, TimeSpan.Zero);
        state = state.WithRetry(Now).WithAttemptStarted("c", Now);

        state.Attempts.Select(attempt => (attempt.Number, attempt.Pod)).ShouldBe([(1, "a"), (2, "b"), (3, null), (4, "c")]);
    }

    [Fact]
    public void Started_attempt_ends_the_backoff() => Queued.WithAttemptStarted("a", Now).NextAttemptAt.ShouldBeNull();

    [Fact]
    public void Lost_attempt_counts_and_interrupted_attempt_does_not()
    {
        var state = Queued.WithAttemptStarted("a", Now);

        state.WithAttemptLost(state.OpenAttempt!, "lost", Now).CountedAttempts.ShouldBe(1);
        state.WithAttemptInterrupted(state.OpenAttempt!, Now).CountedAttempts.ShouldBe(0);
    }

    [Fact]
    public void End_of_an_attempt_does_not_end_the_call()
    {
        var state = Queued.WithAttemptStarted("a", Now).WithAttemptEnded(ScriptedPodCaller.Response(), Now);

        (state.OpenAttempt, state.HasEnded).ShouldBe((null, false));
    }

    [Fact]
    public void Ended_call_has_no_open_attempt_and_starts_the_delivery_of_its_callback()
    {
        var state = Queued with { Callback = new() { Url = new("https://receiver.test/") } };

        var ended = state
            .WithAttemptStarted("a", Now)
            .WithEnd(CallEnd.Failed(CallErrorCode.Canceled, "Canceled."), Now, TimeSpan.FromSeconds(50));

        ended.HasEnded.ShouldBeTrue();
        ended.Attempts.ShouldHaveSingleItem().ShouldBe(new(1, Now, Now, "a", null, CallErrorCode.Canceled, "Canceled."));
        ended.PurgeAt.ShouldBe(Now + CallLimits.Default.Retention);
        ended.Callback.ShouldNotBeNull().NextDeliveryAt.ShouldBe(Now.AddSeconds(50));
    }

    [Fact]
    public void Retried_call_is_open_with_a_new_series_and_a_new_lifetime()
    {
        var limits = CallLimits.Default with { FullLive = TimeSpan.FromMinutes(1) };
        var ended = (Queued with { Limits = limits })
            .WithAttemptWithoutPod(Now)
            .WithEnd(CallEnd.Failed(CallErrorCode.HealthTimeout, "no pod"), Now, TimeSpan.Zero);

        var retried = ended.WithRetry(Now.AddHours(1));

        retried.HasEnded.ShouldBeFalse();
        (retried.CountedAttempts, retried.SeriesStart, retried.Attempts.Count).ShouldBe((0, 1, 1));
        (retried.DueAt, retried.StoredPurgeAt, retried.ErrorCode).ShouldBe((Now.AddHours(1).AddMinutes(1), null, null));
    }
}
