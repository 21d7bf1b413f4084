using DeployCard.Contracts.Monitoring;

namespace DeployCard.Domain.Monitoring;

/// <summary>
/// The minutes that may still change, with the part that each source reported. Parts are kept separately per source, so a repeated part
/// replaces its earlier version. The parts of a block are merged permanently once the block no longer accepts parts.
/// </summary>
internal sealed class MinuteAggregator
{
    /// <summary>Number of minutes in a block. Shorter blocks need more rows; longer ones rewrite more unchanged data.</summary>
    public const int BlockMinutes = 15;

    /// <summary>Number of minutes, open or closed, that stay in memory: the longest window of an alert.</summary>
    public const int RecentMinutes = 30;

    /// <summary>Number of minutes that the clock of a source may be ahead.</summary>
    private const int AheadMinutes = 1;

    private readonly SortedDictionary<long, Block> blocks = [];
    private readonly Dictionary<string, long> knownVersions = [];
    private Dictionary<string, long> storedVersions = [];

    /// <summary>Returns the first minute of the oldest block that stays in memory.</summary>
    public static long FirstRecentMinute(long now) => BlockStart(now - RecentMinutes);

    /// <summary>Restores blocks from storage. A block whose parts are not merged is open again.</summary>
    public void Restore(IEnumerable<MinutePart> parts)
    {
        foreach (var part in parts)
        {
            GetOrAddBlock(part).Parts[(part.Bucket.Minute, part.Source)] = part;
            if (part.Source.Length > 0)
                knownVersions[part.Source] = storedVersions[part.Source] = Math.Max(
                    knownVersions.GetValueOrDefault(part.Source),
                    part.Version
                );
        }

        foreach (var block in blocks.Values)
            block.IsClosed = block.Parts.Keys.All(part => part.Source.Length == 0);
    }

    /// <summary>Applies a reported part. Returns false if it changes nothing.</summary>
    public bool Apply(MinutePart part, long now)
    {
        knownVersions[part.Source] = Math.Max(knownVersions.GetValueOrDefault(part.Source), part.Version);
        var minute = part.Bucket.Minute;
        if (minute < now - MinutePart.OpenMinutes || minute > now + AheadMinutes)
            return false;
        var block = GetOrAddBlock(part);
        // The previous activation may have closed the block under a clock that was ahead. Adding the part would count its source twice.
        if (
            block.Parts.ContainsKey((minute, ""))
            || (block.Parts.TryGetValue((minute, part.Source), out var before) && before.Version >= part.Version)
        )
            return false;
        block.Parts[(minute, part.Source)] = part;
        return block.IsDirty = true;
    }

    public MonitorReceipt GetReceipt(string source) =>
        new(knownVersions.GetValueOrDefault(source), storedVersions.GetValueOrDefault(source));

    /// <summary>
    /// Returns whether the block of a minute is in memory. If so, <paramref name="bucket"/> is the sum of all sources, or null if none
    /// counted.
    /// </summary>
    public bool TryFind(long minute, out MinuteBucket? bucket)
    {
        bucket = null;
        if (!blocks.TryGetValue(BlockStart(minute), out var block))
            return false;
        bucket = block.Merge(minute);
        return true;
    }

    /// <summary>Returns the buckets of each source from a minute on. A minute occurs once per source.</summary>
    public IEnumerable<MinuteBucket> BucketsFrom(long minute) =>
        blocks.Values.SelectMany(block => block.Parts.Values).Select(part => part.Bucket).Where(bucket => bucket.Minute >= minute);

    /// <summary>Drops blocks older than the retention, stored or not, so that a late flush does not write an expired block.</summary>
    public void DropBefore(long minute)
    {
        foreach (var old in blocks.Keys.Where(first => first + BlockMinutes <= minute).ToList())
            blocks.Remove(old);
    }

    /// <summary>Evicts closed blocks that are no longer recent.</summary>
    public void EvictClosed(long now)
    {
        foreach (
            var old in blocks.Where(block => block.Value.IsClosed && block.Key < FirstRecentMinute(now)).Select(block => block.Key).ToList()
        )
            blocks.Remove(old);
    }

    /// <summary>Returns the blocks to store: those that have changed and those that are to be closed.</summary>
    public IReadOnlyList<BlockToWrite> GetBlocksToWrite(long now)
    {
        var all = blocks
            .Where(block => !block.Value.IsClosed)
            .Select(block => (First: block.Key, block.Value, IsClosed: block.Key + BlockMinutes <= now - MinutePart.OpenMinutes));
        return
        [
            .. all.Where(block => block.IsClosed || block.Value.IsDirty)
                .Select(block => new BlockToWrite(
                    block.First,
                    block.IsClosed,
                    block.IsClosed ? block.Value.MergeAll() : [.. block.Value.Parts.Values]
                )),
        ];
    }

    /// <summary>Marks blocks as stored. The caller applies no parts between <see cref="GetBlocksToWrite"/> and this call.</summary>
    public void MarkStored(IEnumerable<BlockToWrite> written)
    {
        foreach (var block in written)
        {
            if (block.IsClosed)
                blocks[block.FirstMinute] = Block.CreateClosed(block.Parts);
            else
                blocks[block.FirstMinute].IsDirty = false;
        }

        storedVersions = new(knownVersions);
    }

    public void Clear()
    {
        blocks.Clear();
        knownVersions.Clear();
        storedVersions.Clear();
    }

    private static long BlockStart(long minute) => minute - (minute % BlockMinutes);

    private Block GetOrAddBlock(MinutePart part)
    {
        var first = BlockStart(part.Bucket.Minute);
        if (!blocks.TryGetValue(first, out var block))
            blocks[first] = block = new();
        return block;
    }

    private sealed class Block
    {
        public SortedDictionary<(long Minute, string Source), MinutePart> Parts { get; } = [];

        public bool IsDirty { get; set; }

        /// <summary>Whether the parts are merged and stored in this form.</summary>
        public bool IsClosed { get; set; }

        public static Block CreateClosed(IEnumerable<MinutePart> parts)
        {
            var block = new Block { IsClosed = true };
            foreach (var part in parts)
                block.Parts[(part.Bucket.Minute, part.Source)] = part;
            return block;
        }

        public MinuteBucket? Merge(long minute) =>
            Parts.Values.Where(part => part.Bucket.Minute == minute).Select(part => part.Bucket).ToList() is { Count: > 0 } parts
                ? MinuteBucket.Merge(parts)
                : null;

        public IReadOnlyList<MinutePart> MergeAll() =>
            [
                .. Parts
                    .Values.GroupBy(part => part.Bucket.Minute)
                    .Select(parts => new MinutePart("", 0, MinuteBucket.Merge([.. parts.Select(part => part.Bucket)]))),
            ];
    }
}

/// <summary>A block of minutes to be stored.</summary>
/// <param name="FirstMinute">First minute of the block, in whole minutes since 0001-01-01 UTC.</param>
/// <param name="IsClosed">Whether the block is final and its parts are merged.</param>
/// <param name="Parts">The parts of the block.</param>
internal sealed record BlockToWrite(long FirstMinute, bool IsClosed, IReadOnlyList<MinutePart> Parts);
