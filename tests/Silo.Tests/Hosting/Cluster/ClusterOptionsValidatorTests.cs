using DeployCard.Silo.Hosting;
using Microsoft.Extensions.Configuration;

namespace DeployCard.Silo.Tests.Hosting.Cluster;

public sealed class ClusterOptionsValidatorTests
{
    [Fact]
    public void Silos_on_one_machine_are_accepted() => Validate(new() { SharedMachine = true }).ShouldBeEmpty();

    [Fact]
    public void Local_processes_on_several_machines_are_rejected_with_the_remedy() =>
        Validate(new())
            .ShouldHaveSingleItem()
            .ShouldBe(
                "Cluster:SharedMachine is false, but pods are local processes, which silos on other machines cannot reach: "
                    + "set it to true if all silos of this database run on this machine, or run pods on Kubernetes (Pods:Runtime)."
            );

    [Fact]
    public void Silos_with_pods_on_Kubernetes_can_run_on_several_machines() => Validate(new(), runtime: "Kubernetes").ShouldBeEmpty();

    [Theory]
    [InlineData("here")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("")]
    public void Address_that_is_not_reachable_is_rejected(string address) =>
        Validate(new() { SharedMachine = true, Address = address })
            .ShouldHaveSingleItem()
            .ShouldStartWith(
                $"Cluster:Address must be the IP address at which other silos reach this one, as in 10.1.2.3; got '{address}'"
            );

    private static IEnumerable<string> Validate(ClusterOptions options, string? runtime = null) =>
        new ClusterOptionsValidator(new ConfigurationBuilder().AddInMemoryCollection([new(PodsRuntimeExtensions.Setting, runtime)]).Build())
            .Validate(null, options)
            .Failures
        ?? [];
}
