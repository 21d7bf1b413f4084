using System.Net;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes.Kubernetes;
using DeployCard.Tests.Support.Kubernetes;
using k8s.Models;

namespace DeployCard.Silo.Tests.Kubernetes;

/// <summary>Who reaches whom in production.</summary>
public sealed class NetworkTests
{
    private static readonly Reach Network = new([.. Manifests.Production.All<V1NetworkPolicy>()]);
    private static readonly Peer Silo = PodOf("deploycard");
    private static readonly Peer Prometheus = PodOf("deploycard-prometheus");
    private static readonly Peer Grafana = PodOf("deploycard-grafana");
    private static readonly Peer Model = ModelOf("iris");
    private static readonly Peer Stranger = new(new Dictionary<string, string> { ["app"] = "something-else" });
    private static readonly Peer World = new(null, IPAddress.Parse("93.184.216.34"));
    private static readonly Peer Database = new(null, IPAddress.Parse("10.0.3.4"));
    private static readonly Peer ApiServer = new(null, IPAddress.Parse("10.96.0.1"));
    private static readonly Peer CloudMetadata = new(null, IPAddress.Parse("169.254.169.254"));

    [Fact]
    public void Anyone_reaches_the_gateway() =>
        new[] { Stranger, World }.ShouldAllBe(who => Network.Allows(who, Silo, 8080) && Network.Allows(who, Silo, 8081));

    [Fact]
    public void Silos_reach_each_other_their_models_the_database_and_the_API_server()
    {
        Network.Allows(Silo, Silo, 11111).ShouldBeTrue();
        Network.Allows(Silo, Model, 8080).ShouldBeTrue();
        Network.Allows(Silo, Model, 9001).ShouldBeTrue("a model listens where it likes");
        Network.Allows(Silo, Database, 5432).ShouldBeTrue();
        Network.Allows(Silo, ApiServer, 443).ShouldBeTrue();
        Network.Allows(Silo, ApiServer, 6443).ShouldBeTrue();
        Network.Allows(Silo, World, 443).ShouldBeTrue("callbacks go there");
        Network.Allows(Silo, Database, 53, "UDP").ShouldBeTrue();
    }

    [Fact]
    public void Nobody_else_reaches_what_silos_say_to_each_other_or_what_is_measured()
    {
        foreach (var who in new[] { Stranger, World, Model, Grafana })
        {
            Network.Allows(who, Silo, 11111).ShouldBeFalse();
            Network.Allows(who, Silo, 9464).ShouldBeFalse();
        }

        Network.Allows(Prometheus, Silo, 9464).ShouldBeTrue();
        Network.Allows(Prometheus, Silo, 11111).ShouldBeFalse();
        Network.Allows(Prometheus, Silo, 8080).ShouldBeFalse();
    }

    [Fact]
    public void Only_silos_reach_models() =>
        new[] { Stranger, World, ModelOf("other"), Prometheus, Grafana }.ShouldAllBe(who => !Network.Allows(who, Model, 8080));

    [Fact]
    public void Models_reach_names_and_the_world_and_nothing_that_is_near()
    {
        Network.Allows(Model, Database, 53, "UDP").ShouldBeTrue();
        Network.Allows(Model, World, 443).ShouldBeTrue();
        new[] { Database, ApiServer, CloudMetadata, Silo, Stranger }.ShouldAllBe(whom =>
            !Network.Allows(Model, whom, 443) && !Network.Allows(Model, whom, 5432)
        );
    }

    [Fact]
    public void Only_Grafana_reaches_Prometheus_and_nobody_reaches_Grafana()
    {
        Network.Allows(Grafana, Prometheus, 9090).ShouldBeTrue();
        new[] { Stranger, World, Model, Silo }.ShouldAllBe(who =>
            !Network.Allows(who, Prometheus, 9090) && !Network.Allows(who, Grafana, 3000)
        );
        Network.Allows(Grafana, World, 443).ShouldBeFalse();
    }

    [Fact]
    public void Without_a_policy_everyone_reaches_everyone() => new Reach([]).Allows(World, Model, 8080).ShouldBeTrue();

    private static Peer PodOf(string workload) => new(Manifests.Production.Workloads.Single(one => one.Name == workload).Labels);

    private static Peer ModelOf(string deployment) =>
        new(
            PodLabels.For(
                new PodSpec
                {
                    Name = new($"{deployment}-1-aaaaa"),
                    Deployment = DeploymentName.Parse(deployment),
                    Revision = 1,
                    Image = deployment,
                    Environment = new Dictionary<string, string>(),
                    StartupTimeout = TimeSpan.FromSeconds(60),
                },
                "deploycard"
            )
        );
}
