using System.Collections.Concurrent;

namespace DeployCard.GraphQL.Tests.Schema;

/// <summary>The keys of each batch that was loaded.</summary>
public sealed class Batches
{
    public ConcurrentQueue<IReadOnlyList<string>> Loaded { get; } = new();
}
