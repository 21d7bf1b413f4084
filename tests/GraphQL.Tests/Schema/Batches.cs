using System.Collections.Concurrent;

namespace DeployCard.GraphQL.Tests.Schema;

/// <summary>Records the keys of each loaded batch.</summary>
public sealed class Batches
{
    public ConcurrentQueue<IReadOnlyList<string>> Loaded { get; } = new();
}
