using DeployCard.Contracts.Keys;

namespace DeployCard.Gateway;

/// <summary>
/// State of an API key in this gateway: rate limiter and time of last use. The state is carried over from route to route, so that a new
/// route does not reset it.
/// </summary>
internal sealed class CompiledKey(KeyEntry key)
{
    private long lastUse;
    private int hasUnwrittenUse;

    public KeyEntry Key { get; } = key;

    /// <summary>Keyed hash of the key's text.</summary>
    public byte[] Hash { get; } = Convert.FromHexString(key.Hash);

    /// <summary>Rate limiter of the key; null if unlimited.</summary>
    public RequestRateLimiter? RateLimiter { get; } = RequestRateLimiter.Create("key", key.RequestsPerSecond, key.RequestBurst);

    /// <summary>Time (UTC) of the last use.</summary>
    public DateTimeOffset LastUsedAt => new(Volatile.Read(ref lastUse), TimeSpan.Zero);

    /// <summary>Records a use of the key. Returns true if this is the first use since <see cref="MarkFlushed"/>.</summary>
    public bool RecordUse(DateTimeOffset now)
    {
        Volatile.Write(ref lastUse, now.UtcTicks);
        return Volatile.Read(ref hasUnwrittenUse) == 0 && Interlocked.Exchange(ref hasUnwrittenUse, 1) == 0;
    }

    /// <summary>Marks all uses so far as stored. Call this before <see cref="LastUsedAt"/> is read and stored.</summary>
    public void MarkFlushed() => Volatile.Write(ref hasUnwrittenUse, 0);
}
