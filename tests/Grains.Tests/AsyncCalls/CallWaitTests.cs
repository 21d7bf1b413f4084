using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Routing;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class CallWaitTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly CallView Call = new()
    {
        Id = CallId.New(Now),
        Deployment = DeploymentName.Parse("iris"),
        Status = CallStatus.Queued,
        CreatedAt = Now,
        Method = "POST",
        Path = "/",
        Attempts = [],
        Limits = CallLimits.Default,
    };

    private static readonly QueueSituation Queue = new()
    {
        State = RouteState.Serving,
        Positions = new Dictionary<CallId, long> { [Call.Id] = 7 },
    };

    [Fact]
    public void Without_a_pod_it_waits_for_one() =>
        CallWait.Of(Call, Queue, Now).ShouldBe(new(CallWaitReason.NoReadyPod, "No pod is there yet; one is about to start.", 7, null, 1));

    [Theory]
    [InlineData(1, "one starts")]
    [InlineData(3, "3 start")]
    public void Pods_that_start_are_told(int starting, string told) =>
        CallWait.Of(Call, Queue with { StartingPods = starting }, Now)!.Detail.ShouldEndWith($"{told}.");

    [Fact]
    public void Pods_that_cannot_start_are_told_with_reason_last_line_and_time()
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

        var wait = CallWait.Of(Call, Queue with { StartingPods = 1, Failure = failure, RetryAt = Now.AddSeconds(8) }, Now)!;

        wait.Reason.ShouldBe(CallWaitReason.NoReadyPod);
        wait.Detail.ShouldBe(
            "No pod becomes ready: The serving script ended with exit code 3. Its last line: no such model The next start is in 8 s."
        );
    }

    [Fact]
    public void Of_pods_that_are_tried_again_nobody_knows_when_no_time_is_told()
    {
        var failure = new DeploymentFailure("iris-1-a", 1, "ImagePullBackOff", "Its image cannot be pulled: no such tag.", null, [], Now);

        var wait = CallWait.Of(Call, Queue with { StartingPods = 1, Failure = failure, RetryAt = DateTimeOffset.MaxValue }, Now)!;

        wait.Detail.ShouldBe("No pod becomes ready: Its image cannot be pulled: no such tag.");
    }

    [Theory]
    [InlineData(1, "All places at the ready pod are taken.")]
    [InlineData(2, "All places at the 2 ready pods are taken.")]
    public void With_ready_pods_it_waits_for_a_place_in_its_order(int ready, string detail) =>
        CallWait.Of(Call, Queue with { ReadyPods = ready }, Now).ShouldBe(new(CallWaitReason.AtCapacity, detail, 7, null, 1));

    [Fact]
    public void Between_attempts_the_next_one_and_its_time_are_told()
    {
        var failed = Call with
        {
            SeriesStart = 1,
            Attempts =
            [
                new(1, Now, Now),
                new(2, Now, Now, ErrorCode: CallErrorCode.PodError, Detail: "the pod answered 503"),
                new(3, Now, Now, IsCounted: false),
                new(4, Now, Now, ErrorCode: CallErrorCode.PodFailed, Detail: "the connection broke"),
            ],
            NextAttemptAt = Now.AddSeconds(4),
        };

        CallWait
            .Of(failed, Queue with { ReadyPods = 1 }, Now)
            .ShouldBe(
                new(
                    CallWaitReason.Backoff,
                    "Attempt 2 failed: the connection broke. Attempt 3 follows at 2030-01-01 12:00:04Z.",
                    null,
                    Now.AddSeconds(4),
                    3
                )
            );
        CallWait.Of(failed, Queue with { ReadyPods = 1 }, Now.AddSeconds(4))!.Reason.ShouldBe(CallWaitReason.AtCapacity);
    }

    [Fact]
    public void A_stopped_deployment_is_told_first() =>
        CallWait
            .Of(Call with { NextAttemptAt = Now.AddSeconds(4) }, Queue with { State = RouteState.Stopped, ReadyPods = 1 }, Now)!
            .Reason.ShouldBe(CallWaitReason.Stopped);

    [Fact]
    public void Who_has_a_pod_or_has_ended_waits_for_nothing()
    {
        CallWait.Of(Call with { Attempts = [new(1, Now)] }, Queue, Now).ShouldBeNull();
        CallWait.Of(Call with { Status = CallStatus.Completed }, Queue, Now).ShouldBeNull();
    }
}
