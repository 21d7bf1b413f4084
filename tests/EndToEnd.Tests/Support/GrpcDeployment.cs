namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>
/// The shared silo with one deployment whose pod is a gRPC server, for a test class that changes neither the silo nor the deployment.
/// </summary>
public sealed class GrpcDeployment(AssemblySilo assembly) : Http2Silo(assembly)
{
    internal string Name { get; private set; } = "";

    internal string Key { get; private set; } = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Name = NewName("grpc");
        Key = await Card.Deploy(Name, AssemblySilo.GrpcImage, new { pods = "0-1" });
    }
}
