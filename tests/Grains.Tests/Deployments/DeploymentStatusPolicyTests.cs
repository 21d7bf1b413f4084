using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Domain.Deployments;

namespace DeployCard.Grains.Tests.Deployments;

public sealed class DeploymentStatusPolicyTests
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
    public void Status_follows_from_desired_and_actual_pods(string pods, int desired, bool hasFailure, DeploymentStatus status)
    {
        var state = State(hasFailure);
        DeploymentStatusPolicy.GetStatus(state, Pods(pods), desired).ShouldBe(status);

        state.IsStopped = true;
        DeploymentStatusPolicy.GetStatus(state, Pods(pods), desired).ShouldBe(DeploymentStatus.Stopped);
        state.DeletedAt = Now;
        DeploymentStatusPolicy.GetStatus(state, Pods(pods), desired).ShouldBe(DeploymentStatus.Deleted);
    }

    [Fact]
    public void Failure_belongs_to_the_current_revision_only()
    {
        var old = Pod('f', revision: 1);

        DeploymentStatusPolicy.GetFailure(State(hasFailure: false), [old], Now).ShouldBeNull();
        DeploymentStatusPolicy.GetFailure(State(hasFailure: false), [Pod('f', revision: 2)], Now).ShouldNotBeNull().Revision.ShouldBe(2);
    }

    [Fact]
    public void Failure_is_cleared_only_by_a_ready_pod_of_the_current_revision()
    {
        var state = State(hasFailure: true);

        DeploymentStatusPolicy.GetFailure(state, [], Now).ShouldBe(state.Failure);
        DeploymentStatusPolicy.GetFailure(state, [Pod('s', 2)], Now).ShouldBe(state.Failure);
        DeploymentStatusPolicy.GetFailure(state, [Pod('r', 1)], Now).ShouldBe(state.Failure);
        DeploymentStatusPolicy.GetFailure(state, [Pod('r', 2)], Now).ShouldBeNull();
    }

    [Fact]
    public void Same_failure_keeps_its_time()
    {
        var state = State(hasFailure: false);
        state.Failure = DeploymentStatusPolicy.GetFailure(state, [Pod('f', 2)], Now);

        DeploymentStatusPolicy.GetFailure(state, [Pod('f', 2)], Now.AddHours(1)).ShouldBe(state.Failure);
        DeploymentStatusPolicy.GetFailure(state, [Pod('f', 2) with { ExitCode = 9 }], Now.AddHours(1))!.At.ShouldBe(Now.AddHours(1));
    }

    [Fact]
    public void Each_failed_restart_is_a_new_failure()
    {
        var state = State(hasFailure: false);
        state.Failure = DeploymentStatusPolicy.GetFailure(state, [Pod('f', 2)], Now);

        DeploymentStatusPolicy.GetFailure(state, [Pod('f', 2) with { Restarts = 1 }], Now.AddSeconds(5))!.At.ShouldBe(Now.AddSeconds(5));
    }

    [Fact]
    public void Startup_timeout_of_a_restarted_pod_is_reported_as_one_failure()
    {
        var state = State(hasFailure: false);
        DeploymentStatusPolicy.GetFailure(state, [Pod('s', 2) with { Restarts = 1 }], Now).ShouldBeNull();
        var again = Pod('s', 2) with { Restarts = 1, Reason = PodReasons.StartupTimeout, ExitCode = 137 };
        state.Failure = DeploymentStatusPolicy.GetFailure(state, [again], Now);

        (state.Failure!.Reason, state.Failure.Restarts).ShouldBe((PodReasons.StartupTimeout, 0));
        DeploymentStatusPolicy
            .GetFailure(state, [again with { Phase = PodPhase.Failed, Restarts = 0 }], Now.AddSeconds(1))
            .ShouldBe(state.Failure);
        DeploymentStatusPolicy.GetFailure(state, [again with { Restarts = 2 }], Now.AddMinutes(2))!.At.ShouldBe(Now.AddMinutes(2));
        DeploymentStatusPolicy.GetRetryAt([again]).ShouldBeNull();
    }

    [Fact]
    public void Pods_that_cannot_start_have_a_retry_time()
    {
        var first = Pod('f', 2) with { NextStartAt = Now.AddSeconds(8) };
        var second = Pod('f', 2) with { NextStartAt = Now.AddSeconds(4) };

        DeploymentStatusPolicy.GetRetryAt([first, second]).ShouldBe(Now.AddSeconds(4));
        DeploymentStatusPolicy.GetRetryAt([Pod('f', 2), first]).ShouldBe(Now.AddSeconds(8));
        DeploymentStatusPolicy.GetRetryAt([Pod('f', 2)]).ShouldBe(DateTimeOffset.MaxValue);
        DeploymentStatusPolicy.GetRetryAt([first, Pod('s', 2)]).ShouldBeNull();
        DeploymentStatusPolicy.GetRetryAt([first, Pod('r', 1)]).ShouldBeNull();
        DeploymentStatusPolicy.GetRetryAt([]).ShouldBeNull();
    }

    [Fact]
    public void Crashed_pod_that_was_ready_has_a_retry_time_only_in_a_crash_loop()
    {
        var crashed = Pod('f', 2) with { ReadyAt = Now, Reason = PodReasons.Exited, NextStartAt = Now.AddSeconds(1) };

        DeploymentStatusPolicy.GetRetryAt([crashed]).ShouldBeNull();
        DeploymentStatusPolicy.GetRetryAt([crashed with { Reason = PodReasons.CrashLoopBackOff }]).ShouldBe(Now.AddSeconds(1));
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
