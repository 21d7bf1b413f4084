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

    private static DeploymentState State(bool hasFailure) => new()
    {
        Name = "d",
        Revisions = [new(1, "image", new(), Now, "anna"), new(2, "image", new(), Now, "anna")],
        Failure = hasFailure ? new("d-2-aaaaa", 2, PodReasons.Exited, "It ended.", 1, [], Now) : null,
    };

    private static List<PodObservation> Pods(string pods) => [.. pods.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pod => Pod(pod[0], 2))];

    private static PodObservation Pod(char what, int revision) => new()
    {
        Name = new($"d-{revision}-bbbbb"),
        Deployment = DeploymentName.Parse("d"),
        Revision = revision,
        Phase = what switch { 'r' => PodPhase.Ready, 's' => PodPhase.Starting, _ => PodPhase.Failed },
        CreatedAt = Now,
    };
}
