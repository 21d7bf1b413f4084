using DeployCard.Contracts.AsyncCalls;
using DeployCard.Domain.AsyncCalls;
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
    public void Response_is_final_unless_its_status_is_retryable(int status, CallStatus next) =>
        RetryDecision.Decide(1, ScriptedPodCaller.Response(status), Options, 0.5).Status.ShouldBe(next);

    [Theory]
    [InlineData(1, 0.5, 1)]
    [InlineData(2, 0.5, 4)]
    [InlineData(3, 0.5, 16)]
    [InlineData(4, 0.5, 64)]
    [InlineData(1, 0, 0.75)]
    [InlineData(1, 1, 1.25)]
    public void Backoff_quadruples_with_a_jitter_of_a_quarter(int attempts, double random, double seconds) =>
        RetryDecision.Decide(attempts, ScriptedPodCaller.Response(503), Options, random).RetryAfter.ShouldBe(TimeSpan.FromSeconds(seconds));

    [Fact]
    public void Backoff_without_jitter_is_capped_at_the_maximum()
    {
        var many = new AsyncCallOptions { MaxAttempts = 20 };

        RetryDecision.Decide(19, ScriptedPodCaller.Response(503), many, 0.5).RetryAfter.ShouldBe(many.MaxBackoff);
    }

    [Fact]
    public void Largest_settings_cause_no_overflow()
    {
        var large = new AsyncCallOptions
        {
            MaxAttempts = 20,
            InitialBackoff = TimeSpan.FromHours(1),
            MaxBackoff = TimeSpan.FromDays(1),
        };

        RetryDecision.Decide(19, ScriptedPodCaller.Response(503), large, 0.5).RetryAfter.ShouldBe(large.MaxBackoff);
    }

    [Theory]
    [InlineData(0, 0.75)]
    [InlineData(-5, 0.75)]
    [InlineData(30, 30)]
    [InlineData(3600, 3600)]
    [InlineData(86400, 3600)]
    public void Retry_after_of_the_pod_is_honored_up_to_its_maximum(int requested, double seconds) =>
        RetryDecision
            .Decide(1, AttemptOutcome.FromRetryableResponse(503, "", TimeSpan.FromSeconds(requested)), Options, 0)
            .RetryAfter.ShouldBe(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData(CallErrorCode.PodFailed)]
    [InlineData(CallErrorCode.HealthTimeout)]
    [InlineData(CallErrorCode.RequestTimeout)]
    public void Failure_is_retried_up_to_five_attempts_and_then_ends_the_call_with_its_code(CallErrorCode code)
    {
        var failed = AttemptOutcome.Failed(code, "the pod failed");

        for (var attempt = 1; attempt < 5; attempt++)
            RetryDecision.Decide(attempt, failed, Options, 0).Status.ShouldBe(CallStatus.Queued);
        var last = RetryDecision.Decide(5, failed, Options, 0);
        last.Status.ShouldBe(CallStatus.Error);
        last.ErrorCode.ShouldBe(code);
        last.Message.ShouldNotBeNull().ShouldContain("the pod failed");
        last.RetryAfter.ShouldBeNull();
    }

    [Fact]
    public void Too_large_response_is_not_retried() =>
        RetryDecision
            .Decide(1, AttemptOutcome.Failed(CallErrorCode.ResultTooLarge, "65 MiB"), Options, 0)
            .Status.ShouldBe(CallStatus.Error);

    [Fact]
    public void Outcome_without_an_attempt_never_ends_the_call() =>
        RetryDecision
            .Decide(99, AttemptOutcome.NotAttempted("stopped"), Options, 0)
            .ShouldBe(new(CallStatus.Queued, null, null, Options.InitialBackoff));
}
