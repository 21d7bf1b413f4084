using CsCheck;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Domain.Pods;

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
    public void Plan_reaches_the_desired_number_and_drains_old_pods_only_for_ready_new_ones(
        string pods,
        int desired,
        int starts,
        string drains
    )
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
    public void Draining_pod_is_recalled_before_a_new_one_is_started(string pods, int desired, int starts, string recalls, string drains)
    {
        var plan = PodPlan.For(2, desired, Candidates(pods));
        plan.Starts.ShouldBe(starts);
        plan.Recalls.Select(p => p.Value).ShouldBe(recalls.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        plan.Drains.Select(d => d.Pod.Value).ShouldBe(drains.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("2rl", 1, 1, "")]
    [InlineData("2rl 2s", 1, 0, "")]
    [InlineData("2rl 2f", 1, 0, "")]
    [InlineData("2rl 2r", 1, 0, "0")]
    [InlineData("2rl 2rl 2r", 2, 1, "1")]
    [InlineData("2rl 2r", 2, 1, "")]
    [InlineData("2sl", 1, 1, "0")]
    [InlineData("2fl", 1, 1, "0")]
    [InlineData("2rl", 0, 0, "0")]
    [InlineData("1rl 2rl", 1, 1, "0")]
    [InlineData("1r 2rl", 1, 1, "0")]
    public void Pod_on_a_draining_host_serves_until_its_replacement_is_ready(string pods, int desired, int starts, string drains)
    {
        var plan = PodPlan.For(2, desired, Candidates(pods));
        plan.Starts.ShouldBe(starts);
        plan.Drains.ShouldBe(
            drains.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pod => (new PodName(pod), DrainCause.Superseded))
        );
    }

    [Fact]
    public void Pod_on_a_draining_host_is_recalled_if_its_replacement_fails() =>
        PodPlan.For(2, 1, Candidates("2rdl 2f")).Recalls.ShouldBe([new PodName("0")]);

    [Fact]
    public void Pods_on_a_draining_host_are_replaced_like_an_earlier_revision() =>
        Situations.Sample(s =>
        {
            var plan = PodPlan.For(2, s.Desired, s.Pods);
            var update = PodPlan.For(
                2,
                s.Desired,
                [
                    .. s.Pods.Select(p =>
                        p.Observation.IsLeaving ? p with { Observation = p.Observation with { Revision = 1, IsLeaving = false } } : p
                    ),
                ]
            );

            plan.Starts.ShouldBe(update.Starts);
            plan.Drains.Count.ShouldBe(update.Drains.Count);
            plan.Recalls.Count.ShouldBe(update.Recalls.Count);
        });

    [Fact]
    public void Plan_keeps_ready_pods_up_to_the_desired_number_and_at_most_twice_that_many_in_total() =>
        Situations.Sample(s =>
        {
            var plan = PodPlan.For(2, s.Desired, s.Pods);
            var stay = s.Pods.Where(p => plan.Drains.All(d => d.Pod != p.Observation.Name)).ToList();
            var serving = stay.Count(p =>
                p.Observation.Phase is PodPhase.Ready && (!p.IsDraining || plan.Recalls.Contains(p.Observation.Name))
            );

            serving.ShouldBeGreaterThanOrEqualTo(Math.Min(s.Desired, s.Pods.Count(p => p.Observation.Phase is PodPhase.Ready)));
            (stay.Count + plan.Starts).ShouldBeLessThanOrEqualTo(2 * s.Desired);
            (stay.Count(p => p.Observation is { Revision: 2, IsLeaving: false }) + plan.Starts).ShouldBe(s.Desired);
        });

    [Fact]
    public void Drain_cause_is_surplus_superseded_or_stopped()
    {
        PodPlan.For(2, 1, Candidates("1r 2r 2r")).Drains.ShouldBe([(new("2"), DrainCause.Surplus), (new("0"), DrainCause.Superseded)]);
        PodPlan.ForStopped(Candidates("1r 2s")).Drains.ShouldBe([(new("0"), DrainCause.Stopped), (new("1"), DrainCause.Stopped)]);
    }

    private static readonly Gen<(int Desired, List<PodCandidate> Pods)> Situations = Gen.Select(
        Gen.Int[0, 6],
        Gen.Select(OneOf("1", "2"), OneOf("r", "r", "s", "f"), OneOf("", "d"), OneOf("", "b"), OneOf("", "l"))
            .Select((revision, phase, draining, busy, leaving) => revision + phase + draining + busy + leaving)
            .List[0, 8],
        (desired, pods) => (desired, Candidates(string.Join(' ', pods)))
    );

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static List<PodCandidate> Candidates(string pods) =>
        [
            .. pods.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select((pod, i) => new PodCandidate(Pod(i, pod), pod.Contains('d'), pod.Contains('b'))),
        ];

    private static PodObservation Pod(int number, string what) =>
        new()
        {
            Name = new($"{number}"),
            Deployment = Contracts.Names.DeploymentName.Parse("d"),
            Revision = what[0] - '0',
            Phase = what[1] switch
            {
                'r' => PodPhase.Ready,
                's' => PodPhase.Starting,
                _ => PodPhase.Failed,
            },
            CreatedAt = DateTimeOffset.UnixEpoch.AddSeconds(number),
            IsLeaving = what.Contains('l'),
        };
}
