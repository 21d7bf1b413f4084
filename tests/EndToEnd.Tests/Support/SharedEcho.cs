namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>One silo with one deployment of the image <c>echo</c>, for all tests that leave both as they were.</summary>
public class SharedEcho : SharedSilo
{
    internal EchoDeployment Echo { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Echo = await EchoDeployment.Start(this, new { pods = "1-1" });
    }
}
