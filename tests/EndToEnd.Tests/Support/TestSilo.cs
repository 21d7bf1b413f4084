namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>Base of the silo fixtures of test classes; each fixture has its own client.</summary>
public abstract class TestSilo : IAsyncLifetime
{
    internal Card Card { get; private protected set; } = null!;

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>Returns a deployment name that no other test uses.</summary>
    public string NewName(string beginning) => $"{beginning}-{Card.Silo.NextNumber()}";
}
