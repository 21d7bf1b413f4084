using System.Net;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Kubernetes.Pods;
using DeployCard.Tests.Support.Kubernetes;
using k8s.Models;

namespace DeployCard.Silo.Tests.Kubernetes;

/// <summary>Connections that the network policies of production allow.</summary>
public sealed class NetworkTests
{
    private static readonly NetworkPolicyEvaluator Network = new([.. Manifests.Production.All<V1NetworkPolicy>()]);
    private static readonly Peer Silo = PodOf("deploycard");
    private static readonly Peer Prometheus = PodOf("deploycard-prometheus");
    private static readonly Peer Grafana = PodOf("deploycard-grafana");
    private static readonly Peer Model = ModelOf("iris");
    private static readonly Peer Stranger = new(new Dictionary<string, string> { ["app"] = "something-else" });
    private static readonly Peer Internet = new(null, IPAddress.Parse("93.184.216.34"));
    private static readonly Peer Database = new(null, IPAddress.Parse("10.0.3.4"));
    private static readonly Peer ApiServer = new(null, IPAddress.Parse("10.96.0.1"));
    private static readonly Peer CloudMetadata = new(null, IPAddress.Parse("169.254.169.254"));

    [Fact]
    public void Every_client_reaches_the_gateway() =>
        new[] { Stranger, Internet }.ShouldAllBe(client => Network.Allows(client, Silo, 8080) && Network.Allows(client, Silo, 8081));

    [Fact]
    public void Silos_reach_each_other_their_models_the_database_and_the_API_server()
    {
        Network.Allows(Silo, Silo, 11111).ShouldBeTrue();
        Network.Allows(Silo, Model, 8080).ShouldBeTrue();
        Network.Allows(Silo, Model, 9001).ShouldBeTrue("a model may listen on any port");
        Network.Allows(Silo, Database, 5432).ShouldBeTrue();
        Network.Allows(Silo, ApiServer, 443).ShouldBeTrue();
        Network.Allows(Silo, ApiServer, 6443).ShouldBeTrue();
        Network.Allows(Silo, Internet, 443).ShouldBeTrue("callbacks are sent to public addresses");
        Network.Allows(Silo, Database, 53, "UDP").ShouldBeTrue();
    }

    [Fact]
    public void Only_silos_reach_the_silo_port_and_only_Prometheus_reaches_the_metrics()
    {
        foreach (var client in new[] { Stranger, Internet, Model, Grafana })
        {
            Network.Allows(client, Silo, 11111).ShouldBeFalse();
            Network.Allows(client, Silo, 9464).ShouldBeFalse();
        }

        Network.Allows(Prometheus, Silo, 9464).ShouldBeTrue();
        Network.Allows(Prometheus, Silo, 11111).ShouldBeFalse();
        Network.Allows(Prometheus, Silo, 8080).ShouldBeFalse();
    }

    [Fact]
    public void Only_silos_reach_models() =>
        new[] { Stranger, Internet, ModelOf("other"), Prometheus, Grafana }.ShouldAllBe(client => !Network.Allows(client, Model, 8080));

    [Fact]
    public void Models_reach_DNS_and_public_addresses_but_no_private_ones()
    {
        Network.Allows(Model, Database, 53, "UDP").ShouldBeTrue();
        Network.Allows(Model, Internet, 443).ShouldBeTrue();
        new[] { Database, ApiServer, CloudMetadata, Silo, Stranger }.ShouldAllBe(target =>
            !Network.Allows(Model, target, 443) && !Network.Allows(Model, target, 5432)
        );
    }

    [Fact]
    public void Only_Grafana_reaches_Prometheus_and_no_client_reaches_Grafana()
    {
        Network.Allows(Grafana, Prometheus, 9090).ShouldBeTrue();
        new[] { Stranger, Internet, Model, Silo }.ShouldAllBe(client =>
            !Network.Allows(client, Prometheus, 9090) && !Network.Allows(client, Grafana, 3000)
        );
        Network.Allows(Grafana, Internet, 443).ShouldBeFalse();
    }

    [Fact]
    public void Without_a_policy_every_connection_is_allowed() =>
        new NetworkPolicyEvaluator([]).Allows(Internet, Model, 8080).ShouldBeTrue();

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
