namespace DeployCard.Grains.Monitoring;

/// <summary>
/// The minutes that may still change, with what each source told of them. Kept apart by source, a part that comes twice replaces itself; only
/// when nothing more is taken of a block's minutes are their parts merged, for good.
/// </summary>
internal sealed class MonitorLedger
{
    /// <summary>The minutes of a block. Shorter blocks are more rows, longer ones are written again with more of what has not changed.</summary>
    public const int BlockMinutes = 15;

    /// <summary>How long after its end a minute is still taken.</summary>
    public const int OpenMinutes = 15;

    /// <summary>How many minutes up to the running one can be found, whether they are open or not: as far back as an alert looks.</summary>
    public const int RecentMinutes = 30;

    /// <summary>How far a source's clock may be ahead.</summary>
    private const int AheadMinutes = 1;

    private readonly SortedDictionary<long, Block> blocks = [];
    private readonly Dictionary<string, long> known = [];
    private Dictionary<string, long> stored = [];

    /// <summary>The first minute of the oldest block that may be open.</summary>
    public static long FirstOpen(long now) => BlockOf(now - OpenMinutes);

    /// <summary>The first minute of the oldest block that can be found.</summary>
    public static long FirstRecent(long now) => BlockOf(now - RecentMinutes);

    /// <summary>Takes what was stored before. What is open is open again.</summary>
    public void Restore(IEnumerable<MinutePart> parts)
    {
        foreach (var part in parts)
        {
            BlockAt(part).Parts[(part.Bucket.Minute, part.Source)] = part;
            if (part.Source.Length > 0)
                known[part.Source] = stored[part.Source] = Math.Max(known.GetValueOrDefault(part.Source), part.Version);
        }

        foreach (var block in blocks.Values)
            block.IsClosed = block.Parts.Keys.All(part => part.Source.Length == 0);
    }

    /// <summary>Takes a part. False where it changes nothing.</summary>
    public bool Take(MinutePart part, long now)
    {
        known[part.Source] = Math.Max(known.GetValueOrDefault(part.Source), part.Version);
        var minute = part.Bucket.Minute;
        if (minute < now - OpenMinutes || minute > now + AheadMinutes)
            return false;
        var block = BlockAt(part);
        // A block that was closed already, by another clock than this one, must not count a source twice.
        if (
            block.Parts.ContainsKey((minute, ""))
            || (block.Parts.TryGetValue((minute, part.Source), out var before) && before.Version >= part.Version)
        )
            return false;
        block.Parts[(minute, part.Source)] = part;
        return block.IsDirty = true;
    }

    public MonitorReceipt Receipt(string source) => new(known.GetValueOrDefault(source), stored.GetValueOrDefault(source));

    /// <summary>What all sources together saw of a minute. False where it is in no block that can be found.</summary>
    public bool TryFind(long minute, out MinuteBucket? bucket)
    {
        bucket = null;
        if (!blocks.TryGetValue(BlockOf(minute), out var block))
            return false;
        bucket = block.Merged(minute);
        return true;
    }

    /// <summary>What each source saw from a minute on; one minute is there as often as there are sources.</summary>
    public IEnumerable<MinuteBucket> From(long minute) =>
        blocks.Values.SelectMany(block => block.Parts.Values).Select(part => part.Bucket).Where(bucket => bucket.Minute >= minute);

    /// <summary>Lets go of blocks that are too old to be kept, written or not: one that was not looked at for so long must not come back to storage.</summary>
    public void DropBefore(long minute)
    {
        foreach (var old in blocks.Keys.Where(first => first + BlockMinutes <= minute).ToList())
            blocks.Remove(old);
    }

    /// <summary>Lets go of what is not recent any more.</summary>
    public void Forget(long now)
    {
        foreach (var old in blocks.Where(block => block.Value.IsClosed && block.Key < FirstRecent(now)).Select(block => block.Key).ToList())
            blocks.Remove(old);
    }

    /// <summary>What is to be written: blocks that have changed, and those that close.</summary>
    public IReadOnlyList<BlockToWrite> ToWrite(long now)
    {
        var all = blocks
            .Where(block => !block.Value.IsClosed)
            .Select(block => (First: block.Key, block.Value, IsClosed: block.Key + BlockMinutes <= now - OpenMinutes));
        return
        [
            .. all.Where(block => block.IsClosed || block.Value.IsDirty)
                .Select(block => new BlockToWrite(
                    block.First,
                    block.IsClosed,
                    block.IsClosed ? block.Value.Close() : [.. block.Value.Parts.Values]
                )),
        ];
    }

    /// <summary>What <see cref="ToWrite"/> gave is stored, and nothing was taken since.</summary>
    public void Stored(IEnumerable<BlockToWrite> written)
    {
        foreach (var block in written)
        {
            if (block.IsClosed)
                blocks[block.FirstMinute] = Block.Closed(block.Parts);
            else
                blocks[block.FirstMinute].IsDirty = false;
        }

        stored = new(known);
    }

    public void Clear()
    {
        blocks.Clear();
        known.Clear();
        stored.Clear();
    }

    private static long BlockOf(long minute) => minute - (minute % BlockMinutes);

    private Block BlockAt(MinutePart part)
    {
        var first = BlockOf(part.Bucket.Minute);
        if (!blocks.TryGetValue(first, out var block))
            blocks[first] = block = new();
        return block;
    }

    private sealed class Block
    {
        public SortedDictionary<(long Minute, string Source), MinutePart> Parts { get; } = [];

        public bool IsDirty { get; set; }

        /// <summary>Whether it is merged and stored so.</summary>
        public bool IsClosed { get; set; }

        public static Block Closed(IEnumerable<MinutePart> parts)
        {
            var block = new Block { IsClosed = true };
            foreach (var part in parts)
                block.Parts[(part.Bucket.Minute, part.Source)] = part;
            return block;
        }

        public MinuteBucket? Merged(long minute) =>
            Parts.Values.Where(part => part.Bucket.Minute == minute).Select(part => part.Bucket).ToList() is { Count: > 0 } parts
                ? MinuteBucket.Merge(parts)
                : null;

        public IReadOnlyList<MinutePart> Close() =>
            [
                .. Parts
                    .Values.GroupBy(part => part.Bucket.Minute)
                    .Select(parts => new MinutePart("", 0, MinuteBucket.Merge([.. parts.Select(part => part.Bucket)]))),
            ];
    }
}

/// <summary>A block that is to be stored.</summary>
/// <param name="FirstMinute">Its first minute.</param>
/// <param name="IsClosed">Whether it does not change any more.</param>
/// <param name="Parts">What is in it.</param>
internal sealed record BlockToWrite(long FirstMinute, bool IsClosed, IReadOnlyList<MinutePart> Parts);
