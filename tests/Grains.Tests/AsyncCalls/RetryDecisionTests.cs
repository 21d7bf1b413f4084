using DeployCard.Grains.AsyncCalls;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class RetryDecisionTests
{
    private static readonly AsyncCallOptions Options = new();

    [Theory]
    [InlineData(200, CallStatus.Completed)]
    [InlineData(302, CallStatus.Completed)]
    [InlineData(400, CallStatus.Completed)]
    [InlineData(408, CallStatus.Completed)]
    [InlineData(428, CallStatus.Completed)]
    [InlineData(429, CallStatus.Queued)]
    [InlineData(499, CallStatus.Completed)]
    [InlineData(500, CallStatus.Queued)]
    [InlineData(501, CallStatus.Queued)]
    [InlineData(599, CallStatus.Queued)]
    public void An_answer_is_final_unless_it_says_not_now_or_that_it_broke(int status, CallStatus then) =>
        RetryDecision.After(1, ScriptedPodCaller.Answer(status), Options, 0.5).Status.ShouldBe(then);

    [Theory]
    [InlineData(1, 0.5, 1)]
    [InlineData(2, 0.5, 4)]
    [InlineData(3, 0.5, 16)]
    [InlineData(4, 0.5, 64)]
    [InlineData(1, 0, 0.75)]
    [InlineData(1, 1, 1.25)]
    public void A_pause_is_four_times_the_one_before_give_or_take_a_quarter(int attempts, double random, double seconds) =>
        RetryDecision.After(attempts, ScriptedPodCaller.Answer(503), Options, random).RetryAfter.ShouldBe(TimeSpan.FromSeconds(seconds));

    [Fact]
    public void No_pause_is_longer_than_the_longest()
    {
        var many = new AsyncCallOptions { MaxAttempts = 20 };

        RetryDecision.After(19, ScriptedPodCaller.Answer(503), many, 0.5).RetryAfter.ShouldBe(many.MaxBackoff);
    }

    [Theory]
    [InlineData(0, 0.75)]
    [InlineData(-5, 0.75)]
    [InlineData(30, 30)]
    [InlineData(3600, 3600)]
    [InlineData(86400, 3600)]
    public void A_pause_that_the_pod_asks_for_is_kept_up_to_the_longest_that_it_may_ask_for(int asked, double seconds) =>
        RetryDecision
            .After(1, PodAnswer.Refused(503, "", TimeSpan.FromSeconds(asked)), Options, 0)
            .RetryAfter.ShouldBe(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData(CallErrorCode.PodFailed)]
    [InlineData(CallErrorCode.HealthTimeout)]
    [InlineData(CallErrorCode.RequestTimeout)]
    public void A_failure_is_repeated_up_to_five_times_and_then_keeps_its_code(CallErrorCode code)
    {
        var failed = PodAnswer.Failed(code, "It broke.");

        for (var attempt = 1; attempt < 5; attempt++)
            RetryDecision.After(attempt, failed, Options, 0).Status.ShouldBe(CallStatus.Queued);
        var last = RetryDecision.After(5, failed, Options, 0);
        last.Status.ShouldBe(CallStatus.Error);
        last.ErrorCode.ShouldBe(code);
        last.Message.ShouldNotBeNull().ShouldContain("It broke.");
        last.RetryAfter.ShouldBeNull();
    }

    [Fact]
    public void An_answer_that_is_too_large_is_not_asked_for_again() =>
        RetryDecision.After(1, PodAnswer.Failed(CallErrorCode.ResultTooLarge, "65 MiB"), Options, 0).Status.ShouldBe(CallStatus.Error);

    [Fact]
    public void What_was_not_tried_ends_nothing_however_often() =>
        RetryDecision.After(99, PodAnswer.NotTried("stopped"), Options, 0).ShouldBe(new(CallStatus.Queued, null, null, Options.InitialBackoff));
}
