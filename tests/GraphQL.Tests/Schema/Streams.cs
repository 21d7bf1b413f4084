namespace DeployCard.GraphQL.Tests.Schema;

/// <summary>Counts the open sources and produced items of the test schema.</summary>
public sealed class Streams
{
    private int open;
    private long produced;

    /// <summary>Number of sources that are open.</summary>
    public int Open => Volatile.Read(ref open);

    /// <summary>Number of requested items.</summary>
    public long Produced => Interlocked.Read(ref produced);

    public void Opened() => Interlocked.Increment(ref open);

    public void Closed() => Interlocked.Decrement(ref open);

    public void Produce() => Interlocked.Increment(ref produced);
}
