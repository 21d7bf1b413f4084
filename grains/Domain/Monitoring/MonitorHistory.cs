using DeployCard.Contracts.Monitoring;

namespace DeployCard.Domain.Monitoring;

/// <summary>
/// A cache of the minutes that no longer change. It is loaded by the first query and evicted after <see cref="IdleTimeout"/> without a
/// query. So a deployment without queries needs little memory, and repeated queries do not read storage.
/// </summary>
internal sealed class MonitorHistory
{
    /// <summary>Time without a query after which the cache is evicted.</summary>
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(5);

    private readonly Dictionary<long, MinuteBucket> minutes = [];

    public MinuteBucket? Find(long minute) => minutes.GetValueOrDefault(minute);

    public void Add(IReadOnlyList<MinutePart> parts)
    {
        // The parts of a closed block are already merged.
        foreach (var part in parts.Where(part => part.Source.Length == 0))
            minutes[part.Bucket.Minute] = part.Bucket;
        foreach (var minute in parts.Where(part => part.Source.Length > 0).GroupBy(part => part.Bucket.Minute))
            minutes[minute.Key] = MinuteBucket.Merge([.. minute.Select(part => part.Bucket)]);
    }

    public void DropBefore(long minute)
    {
        foreach (var old in minutes.Keys.Where(m => m < minute).ToList())
            minutes.Remove(old);
    }
}
