namespace DeployCard.Common.Live;

/// <summary>
/// Broadcasts the latest item of each topic to the subscribers of the topic. A slow subscriber misses intermediate items, but never the
/// latest one. A topic exists while it has subscribers. All members are safe for concurrent use.
/// </summary>
public sealed class TopicBroadcaster<TTopic, T>
    where TTopic : notnull
{
    private readonly Lock sync = new();
    private readonly Dictionary<TTopic, Broadcaster<T>> topics = [];

    /// <summary>Topics that have subscribers.</summary>
    public IReadOnlyList<TTopic> Topics
    {
        get
        {
            lock (sync)
                return [.. topics.Keys];
        }
    }

    /// <summary>Whether a topic has subscribers.</summary>
    public bool HasSubscribers(TTopic topic)
    {
        lock (sync)
            return topics.ContainsKey(topic);
    }

    /// <summary>Publishes an item to the subscribers of a topic. Never waits; does nothing if the topic has no subscribers.</summary>
    /// <param name="topic">Topic of the item.</param>
    /// <param name="createItem">Creates the item; only called if the topic has subscribers.</param>
    public void Publish(TTopic topic, Func<TTopic, T> createItem)
    {
        Broadcaster<T>? broadcaster;
        lock (sync)
            broadcaster = topics.GetValueOrDefault(topic);
        broadcaster?.Publish(createItem(topic));
    }

    /// <summary>Subscribes immediately to the items of a topic.</summary>
    public Subscription<T> Subscribe(TTopic topic)
    {
        lock (sync)
        {
            if (!topics.TryGetValue(topic, out var broadcaster))
                topics[topic] = broadcaster = new(1);
            return broadcaster.Subscribe(() => RemoveIfUnused(topic, broadcaster));
        }
    }

    private void RemoveIfUnused(TTopic topic, Broadcaster<T> broadcaster)
    {
        lock (sync)
        {
            if (broadcaster.SubscriberCount == 0 && topics.GetValueOrDefault(topic) == broadcaster)
                topics.Remove(topic);
        }
    }
}
