namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>A separate silo for test classes whose settings or load would disturb the tests on the shared silo.</summary>
public abstract class DedicatedSilo : TestSilo
{
    private SiloProcess? silo;

    /// <summary>Command-line arguments with which the silo is started.</summary>
    protected abstract string[] Settings { get; }

    public override async ValueTask InitializeAsync()
    {
        silo = await SiloProcess.Start(CancellationToken.None, Settings);
        Card = new(silo);
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Card.Dispose();
        await silo!.ShutDown();
    }
}
