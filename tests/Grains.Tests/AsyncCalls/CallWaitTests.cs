using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Routing;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class CallWaitTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly CallView Call = new()
    {
        Id = CallId.Create(Now),
        Deployment = DeploymentName.Parse("iris"),
        Status = CallStatus.Queued,
        CreatedAt = Now,
        Method = "POST",
        Path = "/",
        Attempts = [],
        Limits = CallLimits.Default,
    };

    private static readonly QueueStatus Queue = new()
    {
        State = RouteState.Serving,
        Positions = new Dictionary<CallId, long> { [Call.Id] = 7 },
    };

    [Fact]
    public void Call_without_any_pod_waits_for_a_ready_pod() =>
        CallWait.For(Call, Queue, Now).ShouldBe(new(CallWaitReason.NoReadyPod, "No pod exists yet; one is about to start.", 7, null, 1));

    [Theory]
    [InlineData(1, "1 pod is starting")]
    [InlineData(3, "3 pods are starting")]
    public void Starting_pods_are_counted_in_the_detail(int starting, string detail) =>
        CallWait.For(Call, Queue with { StartingPods = starting }, Now)!.Detail.ShouldEndWith($"{detail}.");

    [Fact]
    public void Pods_that_cannot_start_are_reported_with_reason_last_line_and_retry_time()
    {
        var failure = new DeploymentFailure(
            "iris-1-a",
            1,
            "CrashLoopBackOff",
            "The serving script ended with exit code 3.",
            3,
            ["first", "no such model"],
            Now
        );

        var wait = CallWait.For(Call, Queue with { StartingPods = 1, Failure = failure, RetryAt = Now.AddSeconds(8) }, Now)!;

        wait.Reason.ShouldBe(CallWaitReason.NoReadyPod);
        wait.Detail.ShouldBe(
            "No pod becomes ready: The serving script ended with exit code 3. Last log line: no such model Next start in 8 s."
        );
    }

    [Fact]
    public void Unknown_retry_time_is_omitted_from_the_detail()
    {
        var failure = new DeploymentFailure("iris-1-a", 1, "ImagePullBackOff", "The image cannot be pulled: no such tag.", null, [], Now);

        var wait = CallWait.For(Call, Queue with { StartingPods = 1, Failure = failure, RetryAt = DateTimeOffset.MaxValue }, Now)!;

        wait.Detail.ShouldBe("No pod becomes ready: The image cannot be pulled: no such tag.");
    }

    [Theory]
    [InlineData(1, "All request slots of the ready pod are in use.")]
    [InlineData(2, "All request slots of the 2 ready pods are in use.")]
    public void Call_with_ready_pods_waits_for_capacity_at_its_position(int ready, string detail) =>
        CallWait.For(Call, Queue with { ReadyPods = ready }, Now).ShouldBe(new(CallWaitReason.AtCapacity, detail, 7, null, 1));

    [Fact]
    public void Call_in_backoff_reports_the_next_attempt_and_its_time()
    {
        var failed = Call with
        {
            SeriesStart = 1,
            Attempts =
            [
                new(1, Now, Now),
                new(2, Now, Now, ErrorCode: CallErrorCode.PodError, Detail: "the pod responded with 503"),
                new(3, Now, Now, IsCounted: false),
                new(4, Now, Now, ErrorCode: CallErrorCode.PodFailed, Detail: "the connection failed"),
            ],
            NextAttemptAt = Now.AddSeconds(4),
        };

        CallWait
            .For(failed, Queue with { ReadyPods = 1 }, Now)
            .ShouldBe(
                new(
                    CallWaitReason.Backoff,
                    "Attempt 2 failed: the connection failed. Attempt 3 follows at 2030-01-01 12:00:04Z.",
                    null,
                    Now.AddSeconds(4),
                    3
                )
            );
        CallWait.For(failed, Queue with { ReadyPods = 1 }, Now.AddSeconds(4))!.Reason.ShouldBe(CallWaitReason.AtCapacity);
    }

    [Fact]
    public void Stopped_deployment_takes_precedence_over_a_backoff() =>
        CallWait
            .For(Call with { NextAttemptAt = Now.AddSeconds(4) }, Queue with { State = RouteState.Stopped, ReadyPods = 1 }, Now)!
            .Reason.ShouldBe(CallWaitReason.Stopped);

    [Fact]
    public void Running_and_ended_calls_have_no_wait_reason()
    {
        CallWait.For(Call with { Attempts = [new(1, Now)] }, Queue, Now).ShouldBeNull();
        CallWait.For(Call with { Status = CallStatus.Completed }, Queue, Now).ShouldBeNull();
    }
}
