using DeployCard.Grains.Keys;

namespace DeployCard.Silo.Gateway;

/// <summary>A key as this gateway uses it. It outlives the route that named it, so that its rate and its last use stay true.</summary>
internal sealed class KeySlot(KeyEntry key)
{
    private long lastUse;
    private int isNoted;

    public KeyEntry Key { get; } = key;

    /// <summary>The hash of its text.</summary>
    public byte[] Hash { get; } = Convert.FromHexString(key.Hash);

    /// <summary>The rate that it may have; null for no bound.</summary>
    public RequestRate? Rate { get; } = RequestRate.Of("key", key.RequestsPerSecond, key.RequestBurst);

    /// <summary>When it was last used, UTC.</summary>
    public DateTimeOffset LastUse => new(Volatile.Read(ref lastUse), TimeSpan.Zero);

    /// <summary>Notes a use. True where it is the first one since <see cref="Written"/>.</summary>
    public bool Use(DateTimeOffset now)
    {
        Volatile.Write(ref lastUse, now.UtcTicks);
        return Volatile.Read(ref isNoted) == 0 && Interlocked.Exchange(ref isNoted, 1) == 0;
    }

    /// <summary>The uses until now are about to be written down.</summary>
    public void Written() => Volatile.Write(ref isNoted, 0);
}
