namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>
/// The silo that is shared by all test classes that change nothing except their own deployments, which are deleted after each class. Other
/// classes use the silo concurrently, so a test must not make assumptions about all deployments of the silo.
/// </summary>
public sealed class SharedSilo(AssemblySilo assembly) : SiloFixture(new() { Shared = assembly });

/// <summary>
/// The shared silo with one deployment of the image <c>echo</c>, for a test class that changes neither the silo nor the deployment.
/// </summary>
public sealed class SharedEcho(AssemblySilo assembly) : SiloFixture(new() { Shared = assembly, Image = EchoDeployment.Image });

/// <summary>
/// The shared silo with one deployment whose pod is a gRPC server, for a test class that changes neither the silo nor the deployment.
/// </summary>
public sealed class SharedGrpc(AssemblySilo assembly)
    : SiloFixture(
        new()
        {
            Shared = assembly,
            Image = AssemblySilo.GrpcImage,
            Pods = "0-1",
        }
    );

/// <summary>The shared silo with a callback receiver on loopback.</summary>
public sealed class CallbackSilo(AssemblySilo assembly) : SiloFixture(new() { Shared = assembly, HasReceiver = true });

/// <summary>
/// A second silo, with one deployment of the image <c>echo</c>, for test classes that must not share a silo with others: they load the
/// silo, measure all of its activity, or require a silo without the settings of <see cref="AssemblySilo"/>. These classes run one after
/// another.
/// </summary>
public sealed class IsolatedSilo()
    : SiloFixture(new() { Settings = ["--Gateway:TrustForwardedHeaders", "true"], Image = EchoDeployment.Image });

/// <summary>One cluster of three silos for all tests that do not stop or break any of them. The silos export traces.</summary>
public sealed class SharedCluster()
    : SiloFixture(
        new()
        {
            Silos = 3,
            HasCollector = true,
            Settings = ["--Otlp:Metrics", "false", "--Otlp:Logs", "false"],
        }
    );

[CollectionDefinition]
public sealed class Isolated : ICollectionFixture<IsolatedSilo>;
