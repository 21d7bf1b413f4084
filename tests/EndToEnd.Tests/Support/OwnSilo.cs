namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>A silo that is not shared with all other classes of tests, for what those could not bear beside them: settings, or load.</summary>
public abstract class OwnSilo : TestSilo
{
    private SiloProcess? silo;

    /// <summary>Settings that it is started with.</summary>
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
        await silo!.End();
    }
}
