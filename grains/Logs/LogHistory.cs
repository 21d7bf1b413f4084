using System.Text;

namespace DeployCard.Grains.Logs;

/// <summary>The lines that are kept: bounded in number and in bytes, the oldest go first.</summary>
internal sealed class LogHistory(LogOptions options)
{
    // In order of their numbers. Those before the first index have gone; they are taken out many at a time.
    private readonly List<LogLine> lines = [];
    private int first;
    private long bytes;

    /// <summary>The lowest sequence number that is kept, or the next one where nothing is.</summary>
    public long First => first < lines.Count ? lines[first].Sequence : Next;

    /// <summary>The sequence number of the next line.</summary>
    public long Next { get; private set; } = 1;

    public void Add(LogLine line)
    {
        lines.Add(line);
        bytes += Size(line);
        Next = line.Sequence + 1;
        while (lines.Count - first > options.MaxLines || (bytes > options.MaxBytes && lines.Count - first > 1))
            DropFirst();
    }

    /// <summary>Leaves numbers out.</summary>
    public void SkipTo(long next) => Next = Math.Max(Next, next);

    public void Clear()
    {
        lines.Clear();
        (first, bytes) = (0, 0);
    }

    /// <summary>The lines that the query asks for, oldest first.</summary>
    public IReadOnlyList<LogLine> Find(LogQuery query)
    {
        var (from, to) = (Index(query.After ?? 0), Index((query.Before ?? long.MaxValue) - 1));
        var count = Math.Max(0, to - from);
        var span = Enumerable.Range(0, count).Select(i => query.Oldest ? from + i : to - 1 - i);
        var found = span.Select(i => lines[i]).Where(query.Fits).Take(query.Last).ToList();
        if (!query.Oldest)
            found.Reverse();
        return found;
    }

    /// <summary>The first lines with a higher number, together at most so many bytes but one at least where there is any.</summary>
    public IReadOnlyList<LogLine> After(long number, long mostBytes)
    {
        var from = Index(number);
        var to = from;
        var size = 0L;
        while (to < lines.Count && ((size += Size(lines[to])) <= mostBytes || to == from))
            to++;
        return lines[from..to];
    }

    /// <summary>How many lines have a higher number.</summary>
    public int CountAfter(long number) => lines.Count - Index(number);

    /// <summary>Where the lines begin that have a higher number.</summary>
    private int Index(long after)
    {
        var (low, high) = (first, lines.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (lines[middle].Sequence <= after)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private void DropFirst()
    {
        bytes -= Size(lines[first]);
        lines[first++] = null!;
        if (first < lines.Count / 2)
            return;
        lines.RemoveRange(0, first);
        first = 0;
    }

    private static int Size(LogLine line) => Encoding.UTF8.GetByteCount(line.Text) + 64;
}
