namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>
/// The silo that is shared by all test classes that change nothing except their own deployments, which are deleted after each class. Other
/// classes use the silo concurrently, so a test must not make assumptions about all deployments of the silo.
/// </summary>
public class SharedSilo(AssemblySilo assembly) : TestSilo
{
    public override async ValueTask InitializeAsync() => Card = new(await assembly.Process);

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        // Otherwise the pods of these deployments would run until the last test class has ended.
        await Card.DeleteDeployments();
        Card.Dispose();
    }
}
