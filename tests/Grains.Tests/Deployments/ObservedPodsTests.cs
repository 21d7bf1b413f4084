using DeployCard.Contracts.Pods;
using DeployCard.Domain.Deployments;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>A started pod is never overlooked, even before its first report.</summary>
public sealed class ObservedPodsTests
{
    private static readonly PodObservation Pod = Sample.Pod("aaaaa");

    private readonly FakeTimeProvider time = new(Sample.Now);
    private readonly ObservedPods observed;

    public ObservedPodsTests() => observed = new(Sample.Name, time);

    [Fact]
    public void Pods_are_unknown_until_the_first_report()
    {
        observed.AreKnown.ShouldBeFalse();

        observed.Apply([]);

        observed.AreKnown.ShouldBeTrue();
    }

    [Fact]
    public void Started_pod_exists_although_an_older_report_does_not_contain_it()
    {
        observed.AddStarted(Sample.Spec(Pod.Name));
        observed.Apply([]);

        observed.All.ShouldHaveSingleItem().Phase.ShouldBe(PodPhase.Starting);
    }

    [Fact]
    public void Reported_pod_replaces_the_started_one()
    {
        observed.AddStarted(Sample.Spec(Pod.Name));
        observed.Apply([Pod]);
        observed.All.ShouldBe([Pod]);

        observed.Apply([]);
        observed.All.ShouldBeEmpty();
    }

    [Fact]
    public void Pod_that_was_reported_before_its_start_returned_exists_once()
    {
        observed.Apply([Pod]);
        observed.AddStarted(Sample.Spec(Pod.Name));

        observed.All.ShouldBe([Pod]);
    }

    [Fact]
    public void Started_pod_without_a_report_counts_as_lost_after_30_seconds()
    {
        observed.AddStarted(Sample.Spec(Pod.Name));

        time.Advance(ObservedPods.FirstReportTimeout - TimeSpan.FromTicks(1));
        observed.All.ShouldHaveSingleItem();
        time.Advance(TimeSpan.FromTicks(1));
        observed.All.ShouldBeEmpty();
    }

    [Fact]
    public void Ended_pod_does_not_exist()
    {
        observed.Apply([Pod with { Phase = PodPhase.Ended }]);

        observed.All.ShouldBeEmpty();
    }
}
