using DeployCard.Tests.Support.Kubernetes;
using k8s.Models;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>Comparison of the role of silos in the manifests with the requests of the runtime.</summary>
public sealed class RoleTests
{
    [Fact]
    public async Task Role_of_silos_allows_exactly_the_requests_of_the_runtime()
    {
        var requested = (await AccessTests.AllCalls()).Select(call => (call.Group, call.Target, call.Verb)).Distinct().Order().ToList();

        Allowed(Manifests.Small).ShouldBe(requested);
        Allowed(Manifests.Production).ShouldBe(requested);
    }

    [Fact]
    public void Role_uses_no_wildcards_and_no_cluster_wide_rights()
    {
        foreach (var manifests in new[] { Manifests.Small, Manifests.Production })
        {
            Allowed(manifests).ShouldAllBe(right => right.Group != "*" && right.Resource != "*" && right.Verb != "*");
            manifests.All<V1ClusterRole>().ShouldBeEmpty();
            manifests.All<V1ClusterRoleBinding>().ShouldBeEmpty();
        }
    }

    private static IReadOnlyList<(string Group, string Resource, string Verb)> Allowed(Manifests manifests) =>
        [
            .. (
                from rule in manifests.All<V1Role>().Single().Rules
                from apiGroup in rule.ApiGroups
                from resource in rule.Resources
                from verb in rule.Verbs
                select (apiGroup, resource, verb)
            ).Order(),
        ];
}
