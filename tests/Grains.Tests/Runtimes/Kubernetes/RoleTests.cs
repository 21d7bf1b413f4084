using DeployCard.Tests.Support.Kubernetes;
using k8s.Models;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>The role of silos in the manifests, beside the requests that the runtime makes.</summary>
public sealed class RoleTests
{
    [Fact]
    public async Task The_role_of_silos_allows_what_the_runtime_asks_for_and_nothing_else()
    {
        var asked = (await AccessTests.AllCalls()).Select(call => (call.Group, call.Target, call.Verb)).Distinct().Order().ToList();

        Allowed(Manifests.Small).ShouldBe(asked);
        Allowed(Manifests.Production).ShouldBe(asked);
    }

    [Fact]
    public void Nothing_is_allowed_by_a_star_by_name_or_beyond_the_namespace()
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
