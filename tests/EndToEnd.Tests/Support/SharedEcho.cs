namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>
/// The shared silo with one deployment of the image <c>echo</c>, for a test class that changes neither the silo nor the deployment.
/// </summary>
public sealed class SharedEcho(AssemblySilo assembly) : SharedSilo(assembly)
{
    internal EchoDeployment Echo { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Echo = await EchoDeployment.Start(this, new { pods = "1-1" });
    }
}
