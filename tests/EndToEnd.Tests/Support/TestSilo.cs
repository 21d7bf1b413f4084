namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>A silo as a class of tests has it: with a card of its own.</summary>
public abstract class TestSilo : IAsyncLifetime
{
    internal Card Card { get; private protected set; } = null!;

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>A name for a deployment that no other test has.</summary>
    public string NewName(string beginning) => $"{beginning}-{Card.Silo.NextNumber()}";
}
