using System.Collections.Concurrent;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// A cache of at most about twice its capacity, with two generations. When the young generation is full, it replaces the old one, whose
/// entries are evicted. A hit in the old generation copies the entry back, so entries in regular use stay cached.
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
