using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes.LocalProcess.Cluster;
using static DeployCard.Grains.Tests.Runtimes.LocalProcess.Cluster.ScriptedSilos;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess.Cluster;

public sealed class PodPlacementTests
{
    [Fact]
    public void A_pod_goes_away_from_those_of_its_deployment_then_where_there_are_few_then_to_the_own_silo()
    {
        Order(2, Host(1, "iris"), Host(2), Host(3)).ShouldBe([2, 3, 1]);
        Order(3, Host(1, "iris"), Host(2), Host(3)).ShouldBe([3, 2, 1]);
        Order(1, Host(1, "other", "other", "other"), Host(2, "iris"), Host(3, "other")).ShouldBe([3, 1, 2]);
    }

    [Fact]
    public void Pods_that_have_ended_do_not_count() =>
        Order(
                1,
                Host(1, "other"),
                Host(2) with
                {
                    Told = new(1, false, [Pod("x", phase: PodPhase.Ended), Pod("y", "other", PodPhase.Ended)]),
                }
            )
            .ShouldBe([2, 1]);

    [Fact]
    public void None_goes_to_a_silo_that_leaves_ends_or_has_told_nothing() =>
        Order(1, Host(1) with { Told = new(1, true, []) }, Host(2) with { Status = SiloStatus.ShuttingDown }, Host(3) with { Told = null })
            .ShouldBeEmpty();

    [Fact]
    public void A_silent_silo_comes_last() => Order(1, Host(1) with { IsSilent = true }, Host(2, "iris", "iris")).ShouldBe([2, 1]);

    private static PodHost Host(int number, params string[] pods) =>
        new(Silo(number), SiloStatus.Active, new(1, false, [.. pods.Select((deployment, i) => Pod($"{number}-{i}", deployment))]));

    private static IEnumerable<int> Order(int own, params PodHost[] hosts) =>
        PodPlacement.For(Iris, hosts, Silo(own)).Select(silo => silo.Endpoint.Port - Silo(0).Endpoint.Port);
}
