namespace DeployCard.GraphQL.Tests.Schema;

/// <summary>What the test's subscriptions have done.</summary>
public sealed class Streams
{
    private int open;
    private long produced;

    /// <summary>Open sources.</summary>
    public int Open => Volatile.Read(ref open);

    /// <summary>Items that were asked for.</summary>
    public long Produced => Interlocked.Read(ref produced);

    public void Opened() => Interlocked.Increment(ref open);

    public void Closed() => Interlocked.Decrement(ref open);

    public void Produce() => Interlocked.Increment(ref produced);
}
