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
    public void Pods_come_to_what_is_wanted_and_an_old_one_goes_only_for_a_new_one_that_is_ready(string pods, int desired, int starts, string drains)
    {
        var live = pods.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((pod, i) => Pod(i, pod)).ToList();
        var plan = PodPlan.For(2, desired, live);
        plan.Starts.ShouldBe(starts);
        plan.Drains.Select(d => d.Value).Order().ShouldBe(drains.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    private static PodObservation Pod(int number, string what) => new()
    {
        Name = new($"{number}"),
        Deployment = Grains.Deployments.DeploymentName.Parse("d"),
        Revision = what[0] - '0',
        Phase = what[1] switch { 'r' => PodPhase.Ready, 's' => PodPhase.Starting, _ => PodPhase.Failed },
        CreatedAt = DateTimeOffset.UnixEpoch.AddSeconds(number),
    };
}
