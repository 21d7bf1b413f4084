using System.Buffers.Text;
using System.Text;
using DeployCard.Kubernetes.Pods;
using DeployCard.Tests.Support.Kubernetes;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>Ownership of pods by the service account of the silo.</summary>
public sealed class PodOwnerTests
{
    private const string Claims = """
        {"aud":["https://kubernetes.default.svc"],"iss":"https://kubernetes.default.svc",
        "sub":"system:serviceaccount:models:deploycard-silo",
        "kubernetes.io":{"namespace":"models","pod":{"name":"deploycard-0","uid":"9f"},
        "serviceaccount":{"name":"deploycard-silo","uid":"5e8b"}}}
        """;

    [Fact]
    public void Service_account_of_the_token_owns_pods_in_its_namespace()
    {
        var owner = PodOwner.FromToken(Token(Claims), "models").ShouldNotBeNull();

        (owner.ApiVersion, owner.Kind, owner.Name, owner.Uid, owner.Controller, owner.BlockOwnerDeletion).ShouldBe(
            ("v1", "ServiceAccount", "deploycard-silo", "5e8b", true, null)
        );
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("of-the-double")]
    [InlineData("a.b")]
    [InlineData("a.!.c")]
    [InlineData("a.bm8ganNvbg.c")]
    [InlineData("a.e30.c")]
    public void Token_of_another_kind_gives_no_owner(string? token) => PodOwner.FromToken(token, "models").ShouldBeNull();

    [Theory]
    [InlineData("""{"kubernetes.io":null}""")]
    [InlineData("""{"kubernetes.io":{"namespace":"models"}}""")]
    [InlineData("""{"kubernetes.io":{"namespace":"models","serviceaccount":{"name":"deploycard-silo"}}}""")]
    [InlineData("""{"kubernetes.io":["models"]}""")]
    public void Token_with_missing_claims_gives_no_owner(string claims) => PodOwner.FromToken(Token(claims), "models").ShouldBeNull();

    [Fact]
    public void Service_account_of_another_namespace_gives_no_owner() => PodOwner.FromToken(Token(Claims), "other").ShouldBeNull();

    [Fact]
    public async Task Silo_creates_pods_that_its_service_account_owns_and_recognizes_them()
    {
        await using var server = await ApiServerDouble.Start();
        await File.WriteAllTextAsync(
            server.KubeConfig,
            (await File.ReadAllTextAsync(server.KubeConfig, TestContext.Current.CancellationToken)).Replace(
                "of-the-double",
                Token(Claims),
                StringComparison.Ordinal
            ),
            TestContext.Current.CancellationToken
        );
        await using var silo = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = silo.Watch();

        var pod = await silo.StartPod();

        await watch.WaitUntil(pod, _ => true);
        var owner = server.Pods.Find(pod.Name.Value)!["metadata"]!["ownerReferences"]!.AsArray().ShouldHaveSingleItem()!;
        ((string?)owner["kind"], (string?)owner["name"], (string?)owner["uid"], (bool?)owner["controller"]).ShouldBe(
            ("ServiceAccount", "deploycard-silo", "5e8b", true)
        );
    }

    private static string Token(string claims) => $"e30.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.c2lnbmF0dXJl";
}
