namespace DeployCard.GraphQL.Tests.Schema;

/// <summary>What the test's subscriptions have done.</summary>
public sealed class Streams
{
    private int _open;
    private long _produced;

    /// <summary>Open sources.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Items that were asked for.</summary>
    public long Produced => Interlocked.Read(ref _produced);

    public void Opened() => Interlocked.Increment(ref _open);

    public void Closed() => Interlocked.Decrement(ref _open);

    public void Produce() => Interlocked.Increment(ref _produced);
}
