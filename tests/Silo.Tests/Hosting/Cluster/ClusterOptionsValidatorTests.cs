using DeployCard.Silo.Hosting;
using DeployCard.Silo.Hosting.Cluster;
using Microsoft.Extensions.Configuration;

namespace DeployCard.Silo.Tests.Hosting.Cluster;

public sealed class ClusterOptionsValidatorTests
{
    [Fact]
    public void Silos_of_one_machine_are_accepted() => Validate(new() { SharedMachine = true }).ShouldBeEmpty();

    [Fact]
    public void Local_processes_of_several_machines_are_refused_with_the_remedy() =>
        Validate(new())
            .ShouldHaveSingleItem()
            .ShouldBe(
                "Cluster:SharedMachine is false, and pods are local processes, which silos on other machines cannot reach: "
                    + "set it to true if all silos of this database run on this one machine, or let pods run on Kubernetes (Pods:Runtime)."
            );

    [Fact]
    public void On_Kubernetes_silos_may_be_on_any_machine() => Validate(new(), runtime: "Kubernetes").ShouldBeEmpty();

    [Theory]
    [InlineData("here")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("")]
    public void An_address_that_nobody_can_reach_is_refused(string address) =>
        Validate(new() { SharedMachine = true, Address = address })
            .ShouldHaveSingleItem()
            .ShouldStartWith($"Cluster:Address is '{address}': give the one IP address");

    private static IEnumerable<string> Validate(ClusterOptions options, string? runtime = null) =>
        new ClusterOptionsValidator(new ConfigurationBuilder().AddInMemoryCollection([new(PodsRuntimes.Setting, runtime)]).Build())
            .Validate(null, options)
            .Failures
        ?? [];
}
