namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>The shared silo with one deployment whose pod speaks gRPC, for a class of tests that leaves both as they were.</summary>
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
