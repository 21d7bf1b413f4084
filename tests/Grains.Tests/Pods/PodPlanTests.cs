using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Tests.Pods;

public sealed class PodPlanTests
{
    [Theory]
    [InlineData("", 0, 0, "")]
    [InlineData("", 2, 2, "")]
    [InlineData("2r", 1, 0, "")]
    [InlineData("2r 2r", 1, 0, "1")]
    [InlineData("2s 2r", 1, 0, "0")]
    [InlineData("2f 2s 2r", 1, 0, "1 0")]
    [InlineData("2f", 1, 0, "")]
    [InlineData("2r 2r 2s", 0, 0, "0 1 2")]
    [InlineData("1r", 1, 1, "")]
    [InlineData("1r 2s", 1, 0, "")]
    [InlineData("1r 2f", 1, 0, "")]
    [InlineData("1r 2r", 1, 0, "0")]
    [InlineData("1r 1r 2r 2s", 2, 0, "1")]
    [InlineData("1s 2s", 1, 0, "0")]
    [InlineData("1r 1r", 0, 0, "0 1")]
    [InlineData("2r 2r 2rb", 2, 0, "1")]
    [InlineData("2rb 2rb 2rb", 2, 0, "2")]
    [InlineData("1r 1rb 2r", 2, 1, "0")]
    [InlineData("1r 2f 2f", 2, 0, "")]
    public void Pods_come_to_what_is_wanted_and_an_old_one_goes_only_for_a_new_one_that_is_ready(string pods, int desired, int starts, string drains)
    {
        var plan = PodPlan.For(2, desired, Candidates(pods));
        plan.Starts.ShouldBe(starts);
        plan.Recalls.ShouldBeEmpty();
        plan.Drains.Select(d => d.Pod.Value).Order().ShouldBe(drains.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    [Theory]
    [InlineData("2r 2rd", 2, 0, "1", "")]
    [InlineData("2r 2rd", 3, 1, "1", "")]
    [InlineData("2r 2rd", 1, 0, "", "1")]
    [InlineData("2rbd", 0, 0, "", "0")]
    [InlineData("2r 2s 2rd", 2, 0, "2", "1")]
    [InlineData("2r 2rbd", 1, 0, "", "1")]
    [InlineData("1rd 2f", 1, 0, "0", "")]
    [InlineData("1rd 2r", 1, 0, "", "0")]
    public void A_pod_that_drains_is_taken_back_before_a_new_one_is_started(string pods, int desired, int starts, string recalls, string drains)
    {
        var plan = PodPlan.For(2, desired, Candidates(pods));
        plan.Starts.ShouldBe(starts);
        plan.Recalls.Select(p => p.Value).ShouldBe(recalls.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        plan.Drains.Select(d => d.Pod.Value).ShouldBe(drains.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void One_too_many_drains_otherwise_than_one_of_an_old_revision_and_one_that_a_person_stopped()
    {
        PodPlan.For(2, 1, Candidates("1r 2r 2r")).Drains.ShouldBe([(new("2"), DrainCause.TooMany), (new("0"), DrainCause.Superseded)]);
        PodPlan.ForNone(Candidates("1r 2s")).Drains.ShouldBe([(new("0"), DrainCause.Stopped), (new("1"), DrainCause.Stopped)]);
    }

    private static List<PodCandidate> Candidates(string pods) =>
    [
        .. pods.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((pod, i) => new PodCandidate(Pod(i, pod), pod.Contains('d'), pod.Contains('b'))),
    ];

    private static PodObservation Pod(int number, string what) => new()
    {
        Name = new($"{number}"),
        Deployment = Grains.Deployments.DeploymentName.Parse("d"),
        Revision = what[0] - '0',
        Phase = what[1] switch { 'r' => PodPhase.Ready, 's' => PodPhase.Starting, _ => PodPhase.Failed },
        CreatedAt = DateTimeOffset.UnixEpoch.AddSeconds(number),
    };
}
