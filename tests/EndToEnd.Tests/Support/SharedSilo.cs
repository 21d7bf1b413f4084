namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>One silo for all tests that leave it as it was, but for deployments of their own.</summary>
public class SharedSilo : IAsyncLifetime
{
    private SiloProcess? silo;
    private int names;

    internal Card Card { get; private set; } = null!;

    /// <summary>Settings that it is started with.</summary>
    protected virtual string[] Settings => [];

    public virtual async ValueTask InitializeAsync()
    {
        silo = await SiloProcess.Start(CancellationToken.None, Settings);
        Card = new(silo);
    }

    /// <summary>A name for a deployment that no other test has.</summary>
    public string NewName(string beginning) => $"{beginning}-{Interlocked.Increment(ref names)}";

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Card.Dispose();
        (await silo!.Interrupt(CancellationToken.None)).ShouldBe(0, silo.Output);
        silo.Pods().ShouldBeEmpty();
        await silo.DisposeAsync();
    }
}
