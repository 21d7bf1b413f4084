namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>
/// The one silo for all classes of tests that leave it as it was, but for deployments of their own: those go when the class has ended. Other classes
/// use it at the same time, so nothing may be expected of all that is there.
/// </summary>
public class SharedSilo(AssemblySilo assembly) : TestSilo
{
    public override async ValueTask InitializeAsync() => Card = new(await assembly.Process);

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        // Their pods would run, and be looked after, until the last class has ended.
        await Card.DeleteDeployments();
        Card.Dispose();
    }
}
