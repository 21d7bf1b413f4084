using DeployCard.Contracts.Pods;
using DeployCard.LocalProcess.Cluster;
using static DeployCard.Grains.Tests.Runtimes.LocalProcess.Cluster.ScriptedSilos;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess.Cluster;

public sealed class PodPlacementTests
{
    [Fact]
    public void Placement_prefers_fewest_pods_of_the_deployment_then_fewest_in_total_then_the_local_silo()
    {
        Order(2, Host(1, "iris"), Host(2), Host(3)).ShouldBe([2, 3, 1]);
        Order(3, Host(1, "iris"), Host(2), Host(3)).ShouldBe([3, 2, 1]);
        Order(1, Host(1, "other", "other", "other"), Host(2, "iris"), Host(3, "other")).ShouldBe([3, 1, 2]);
    }

    [Fact]
    public void Ended_pods_do_not_count() =>
        Order(
                1,
                Host(1, "other"),
                Host(2) with
                {
                    LastReport = new(1, false, [Pod("x", phase: PodPhase.Ended), Pod("y", "other", PodPhase.Ended)]),
                }
            )
            .ShouldBe([2, 1]);

    [Fact]
    public void Draining_stopping_and_unreported_silos_get_no_pods() =>
        Order(
                1,
                Host(1) with
                {
                    LastReport = new(1, true, []),
                },
                Host(2) with
                {
                    Status = SiloStatus.ShuttingDown,
                },
                Host(3) with
                {
                    LastReport = null,
                }
            )
            .ShouldBeEmpty();

    [Fact]
    public void Unresponsive_silo_comes_last() =>
        Order(1, Host(1) with { IsUnresponsive = true }, Host(2, "iris", "iris")).ShouldBe([2, 1]);

    private static PodHost Host(int number, params string[] pods) =>
        new(Silo(number), SiloStatus.Active, new(1, false, [.. pods.Select((deployment, i) => Pod($"{number}-{i}", deployment))]));

    private static IEnumerable<int> Order(int own, params PodHost[] hosts) =>
        PodPlacement.RankSilos(Iris, hosts, Silo(own)).Select(silo => silo.Endpoint.Port - Silo(0).Endpoint.Port);
}
