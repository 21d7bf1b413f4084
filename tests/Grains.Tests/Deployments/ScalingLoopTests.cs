using DeployCard.Contracts.Autoscaling;
using DeployCard.Domain.Deployments;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>Only decisions change the desired number of pods, and pods of an earlier activation are adopted once.</summary>
public sealed class ScalingLoopTests
{
    private readonly FakeTimeProvider time = new(Sample.Now);
    private readonly ScalingLoop scaling;

    public ScalingLoopTests() => scaling = new(new(), maxPods: 10, time);

    [Fact]
    public void Pods_of_an_earlier_activation_are_adopted_once_they_are_known()
    {
        scaling.Decide(Sample.State(pods: 0), [], arePodsKnown: false);
        scaling.Decision.Pods.ShouldBe(0);

        scaling.Decide(Sample.State(pods: 0), [Sample.Pod("aaaaa"), Sample.Pod("bbbbb")], arePodsKnown: true);
        scaling.Decision.Pods.ShouldBe(2);
    }

    [Fact]
    public void Surplus_pods_after_the_adoption_do_not_raise_the_desired_number()
    {
        scaling.Decide(Sample.State(), [], arePodsKnown: true);

        scaling.Decide(Sample.State(), [Sample.Pod("aaaaa"), Sample.Pod("bbbbb"), Sample.Pod("ccccc")], arePodsKnown: true);

        scaling.Decision.Pods.ShouldBe(1);
    }

    [Fact]
    public void Pods_of_a_rollout_are_adopted_as_the_largest_group()
    {
        var state = Sample.State(revision: 2);
        var old = new[] { Sample.Pod("aaaaa"), Sample.Pod("bbbbb"), Sample.Pod("ccccc") };

        scaling.Decide(state, [.. old, Sample.Pod("ddddd", revision: 2)], arePodsKnown: true);

        scaling.Decision.Pods.ShouldBe(3);
    }

    [Fact]
    public void Stopped_or_deleted_deployment_wants_no_pods()
    {
        var state = Sample.State(pods: 2);
        scaling.Decide(state, [], arePodsKnown: true);
        scaling.Decision.Pods.ShouldBe(2);

        state.IsStopped = true;
        scaling.Decide(state, [], arePodsKnown: true);
        scaling.Decision.Pods.ShouldBe(0);
        scaling.Decision.Reason.ShouldContain("stopped");

        state.DeletedAt = Sample.Now;
        scaling.Decide(state, [], arePodsKnown: true);
        scaling.Decision.Reason.ShouldContain("deleted");
    }

    [Fact]
    public void Report_is_urgent_only_if_it_requires_more_pods()
    {
        var state = Sample.State(pods: 0);
        scaling.Decide(state, [], arePodsKnown: true);

        scaling.RecordLoad(Waiting(0), state, []).ShouldBeFalse();
        scaling.RecordLoad(Waiting(1), state, []).ShouldBeTrue();
        scaling.Decision.Pods.ShouldBe(0);

        scaling.Decide(state, [], arePodsKnown: true);
        scaling.RecordLoad(Waiting(1), state, []).ShouldBeFalse();

        state.IsStopped = true;
        scaling.RecordLoad(Waiting(100), state, []).ShouldBeFalse();
    }

    [Fact]
    public void Reason_changes_at_most_every_five_seconds_while_the_number_of_pods_stays()
    {
        var (state, pod) = (Sample.State(), Sample.Pod("aaaaa"));
        scaling.Decide(state, [pod], arePodsKnown: true);
        var first = scaling.Decision;

        for (var step = 0; step < 4; step++)
            Load(1);
        scaling.Decision.ShouldBe(first);
        Load(1);

        scaling.Decision.Pods.ShouldBe(1);
        scaling.Decision.Reason.ShouldNotBe(first.Reason);

        void Load(int inFlight)
        {
            time.Advance(ScalingLoop.ReasonUpdateInterval / 5);
            scaling.RecordLoad(new("gateway", time.GetUtcNow(), inFlight, 0, time.GetUtcNow(), [pod.Name]), state, [pod]);
            scaling.Decide(state, [pod], arePodsKnown: true);
        }
    }

    [Fact]
    public void New_deployment_does_not_inherit_the_load_of_an_earlier_one()
    {
        var state = Sample.State(pods: 0);
        scaling.RecordLoad(new("gateway", time.GetUtcNow(), 1, 5, time.GetUtcNow(), [new("iris-1-aaaaa")]), state, []);
        scaling.BusyPods.ShouldNotBeEmpty();

        scaling.StartOver();

        scaling.BusyPods.ShouldBeEmpty();
        scaling.Decide(state, [], arePodsKnown: true);
        scaling.Decision.Pods.ShouldBe(0);
    }

    private LoadReport Waiting(int requests) =>
        new("gateway", time.GetUtcNow(), 0, requests, requests > 0 ? time.GetUtcNow() : DateTimeOffset.MinValue, []);
}
