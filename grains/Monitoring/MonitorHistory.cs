namespace DeployCard.Grains.Monitoring;

/// <summary>
/// The minutes that do not change any more, in memory. They are read when they are first asked for and let go when nobody has asked for a
/// while: a deployment that is only counted needs little memory, one that somebody looks at answers from it.
/// </summary>
internal sealed class MonitorHistory
{
    /// <summary>How long it is kept for the next query.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Dictionary<long, MinuteBucket> minutes = [];

    public MinuteBucket? Find(long minute) => minutes.GetValueOrDefault(minute);

    public void Add(IReadOnlyList<MinutePart> parts)
    {
        // Those of a block that is closed are merged.
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
