using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Tests.Deployments;

public sealed class StatusDecisionTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("", 0, false, DeploymentStatus.Idle)]
    [InlineData("", 1, false, DeploymentStatus.Pending)]
    [InlineData("s", 1, false, DeploymentStatus.Starting)]
    [InlineData("s r", 2, false, DeploymentStatus.Ready)]
    [InlineData("s", 1, true, DeploymentStatus.Failed)]
    [InlineData("", 0, true, DeploymentStatus.Failed)]
    [InlineData("r", 1, true, DeploymentStatus.Ready)]
    public void A_status_follows_from_what_is_wanted_and_what_is_there(string pods, int desired, bool hasFailure, DeploymentStatus status)
    {
        var state = State(hasFailure);
        DeploymentStatusDecision.Status(state, Pods(pods), desired).ShouldBe(status);

        state.IsStopped = true;
        DeploymentStatusDecision.Status(state, Pods(pods), desired).ShouldBe(DeploymentStatus.Stopped);
        state.DeletedAt = Now;
        DeploymentStatusDecision.Status(state, Pods(pods), desired).ShouldBe(DeploymentStatus.Deleted);
    }

    [Fact]
    public void A_failure_is_that_of_the_present_revision_only()
    {
        var old = Pod('f', revision: 1);

        DeploymentStatusDecision.Failure(State(hasFailure: false), [old], Now).ShouldBeNull();
        DeploymentStatusDecision.Failure(State(hasFailure: false), [Pod('f', revision: 2)], Now).ShouldNotBeNull().Revision.ShouldBe(2);
    }

    [Fact]
    public void A_failure_goes_only_when_a_pod_of_the_present_revision_is_ready()
    {
        var state = State(hasFailure: true);

        DeploymentStatusDecision.Failure(state, [], Now).ShouldBe(state.Failure);
        DeploymentStatusDecision.Failure(state, [Pod('s', 2)], Now).ShouldBe(state.Failure);
        DeploymentStatusDecision.Failure(state, [Pod('r', 1)], Now).ShouldBe(state.Failure);
        DeploymentStatusDecision.Failure(state, [Pod('r', 2)], Now).ShouldBeNull();
    }

    [Fact]
    public void The_same_failure_seen_again_keeps_its_time()
    {
        var state = State(hasFailure: false);
        state.Failure = DeploymentStatusDecision.Failure(state, [Pod('f', 2)], Now);

        DeploymentStatusDecision.Failure(state, [Pod('f', 2)], Now.AddHours(1)).ShouldBe(state.Failure);
        DeploymentStatusDecision.Failure(state, [Pod('f', 2) with { ExitCode = 9 }], Now.AddHours(1))!.At.ShouldBe(Now.AddHours(1));
    }

    [Fact]
    public void Each_restart_that_fails_is_a_failure_of_its_own()
    {
        var state = State(hasFailure: false);
        state.Failure = DeploymentStatusDecision.Failure(state, [Pod('f', 2)], Now);

        DeploymentStatusDecision.Failure(state, [Pod('f', 2) with { Restarts = 1 }], Now.AddSeconds(5))!.At.ShouldBe(Now.AddSeconds(5));
    }

    [Fact]
    public void A_pod_that_was_too_slow_and_is_tried_again_already_is_a_failure_told_once()
    {
        var state = State(hasFailure: false);
        DeploymentStatusDecision.Failure(state, [Pod('s', 2) with { Restarts = 1 }], Now).ShouldBeNull();
        var again = Pod('s', 2) with { Restarts = 1, Reason = PodReasons.StartupTimeout, ExitCode = 137 };
        state.Failure = DeploymentStatusDecision.Failure(state, [again], Now);

        (state.Failure!.Reason, state.Failure.Restarts).ShouldBe((PodReasons.StartupTimeout, 0));
        DeploymentStatusDecision
            .Failure(state, [again with { Phase = PodPhase.Failed, Restarts = 0 }], Now.AddSeconds(1))
            .ShouldBe(state.Failure);
        DeploymentStatusDecision.Failure(state, [again with { Restarts = 2 }], Now.AddMinutes(2))!.At.ShouldBe(Now.AddMinutes(2));
        DeploymentStatusDecision.RetryAt([again]).ShouldBeNull();
    }

    [Fact]
    public void Pods_that_cannot_start_are_waited_for_by_nobody_until_they_are_tried_again()
    {
        var first = Pod('f', 2) with { NextStartAt = Now.AddSeconds(8) };
        var second = Pod('f', 2) with { NextStartAt = Now.AddSeconds(4) };

        DeploymentStatusDecision.RetryAt([first, second]).ShouldBe(Now.AddSeconds(4));
        DeploymentStatusDecision.RetryAt([Pod('f', 2), first]).ShouldBe(Now.AddSeconds(8));
        DeploymentStatusDecision.RetryAt([Pod('f', 2)]).ShouldBe(DateTimeOffset.MaxValue);
        DeploymentStatusDecision.RetryAt([first, Pod('s', 2)]).ShouldBeNull();
        DeploymentStatusDecision.RetryAt([first, Pod('r', 1)]).ShouldBeNull();
        DeploymentStatusDecision.RetryAt([]).ShouldBeNull();
    }

    [Fact]
    public void A_pod_that_was_ready_and_crashed_is_waited_for_unless_it_crashes_again_and_again()
    {
        var crashed = Pod('f', 2) with { ReadyAt = Now, Reason = PodReasons.Exited, NextStartAt = Now.AddSeconds(1) };

        DeploymentStatusDecision.RetryAt([crashed]).ShouldBeNull();
        DeploymentStatusDecision.RetryAt([crashed with { Reason = PodReasons.CrashLoopBackOff }]).ShouldBe(Now.AddSeconds(1));
    }

    private static DeploymentState State(bool hasFailure) =>
        new()
        {
            Name = "d",
            Revisions = [new(1, "image", new(), Now, "anna"), new(2, "image", new(), Now, "anna")],
            Failure = hasFailure ? new("d-2-aaaaa", 2, PodReasons.Exited, "It ended.", 1, [], Now) : null,
        };

    private static List<PodObservation> Pods(string pods) =>
        [.. pods.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pod => Pod(pod[0], 2))];

    private static PodObservation Pod(char what, int revision) =>
        new()
        {
            Name = new($"d-{revision}-bbbbb"),
            Deployment = DeploymentName.Parse("d"),
            Revision = revision,
            Phase = what switch
            {
                'r' => PodPhase.Ready,
                's' => PodPhase.Starting,
                _ => PodPhase.Failed,
            },
            CreatedAt = Now,
        };
}
