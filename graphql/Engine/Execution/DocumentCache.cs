using System.Collections.Concurrent;
using GraphQLParser.AST;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// Documents that have been parsed and found valid, at most twice the capacity. When the young generation is full it becomes
/// the old one and the old one is forgotten: what is used now and then stays, at the price of two look-ups.
/// </summary>
internal sealed class DocumentCache(int capacity)
{
    // Longer texts are written by programs, one for each call: keeping them costs more than parsing them.
    private const int LongestKept = 20_000;

    private ConcurrentDictionary<string, GraphQLDocument> _young = new();
    private ConcurrentDictionary<string, GraphQLDocument> _old = new();

    public GraphQLDocument? Find(string query)
    {
        if (_young.TryGetValue(query, out var document)) return document;
        if (!_old.TryGetValue(query, out document)) return null;
        Add(query, document);
        return document;
    }

    public void Add(string query, GraphQLDocument document)
    {
        if (capacity == 0 || query.Length > LongestKept) return;
        if (_young.Count >= capacity) (_old, _young) = (_young, new());
        _young.TryAdd(query, document);
    }
}
