using System.Collections.Concurrent;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// What is used again, at most twice the capacity. When the young generation is full it becomes the old one and the old one is forgotten: what is
/// used now and then stays, at the price of two look-ups.
/// </summary>
internal sealed class BoundedCache<T>(int capacity)
    where T : class
{
    private ConcurrentDictionary<string, T> young = new();
    private ConcurrentDictionary<string, T> old = new();

    public T? Find(string key)
    {
        if (young.TryGetValue(key, out var value))
            return value;
        if (!old.TryGetValue(key, out value))
            return null;
        Add(key, value);
        return value;
    }

    public void Add(string key, T value)
    {
        if (capacity == 0)
            return;
        if (young.Count >= capacity)
            (old, young) = (young, new());
        young.TryAdd(key, value);
    }
}
