using System.Text;
using DeployCard.Contracts.Logs;

namespace DeployCard.Domain.Logs;

/// <summary>The most recent lines of a log, limited in number and in bytes. Beyond a limit, the oldest lines are dropped.</summary>
internal sealed class LogHistory(LogOptions options)
{
    // Ordered by sequence number. Lines before index "first" are dropped; their slots are removed in bulk.
    private readonly List<LogLine> lines = [];
    private int first;
    private long bytes;

    /// <summary>Lowest sequence number that is kept; <see cref="NextSequence"/> if the history is empty.</summary>
    public long FirstSequence => first < lines.Count ? lines[first].Sequence : NextSequence;

    /// <summary>Sequence number of the next line, from 1.</summary>
    public long NextSequence { get; private set; } = 1;

    public void Add(LogLine line)
    {
        lines.Add(line);
        bytes += Size(line);
        NextSequence = line.Sequence + 1;
        while (lines.Count - first > options.MaxLines || (bytes > options.MaxBytes && lines.Count - first > 1))
            DropFirst();
    }

    /// <summary>Skips sequence numbers so that the next line has at least the given number.</summary>
    public void SkipTo(long next) => NextSequence = Math.Max(NextSequence, next);

    public void Clear()
    {
        lines.Clear();
        (first, bytes) = (0, 0);
    }

    /// <summary>Returns the lines that match a query, oldest first.</summary>
    public IReadOnlyList<LogLine> Find(LogQuery query)
    {
        var (from, to) = (IndexAfter(query.After ?? 0), IndexAfter((query.Before ?? long.MaxValue) - 1));
        var count = Math.Max(0, to - from);
        var span = Enumerable.Range(0, count).Select(i => query.FromOldest ? from + i : to - 1 - i);
        var found = span.Select(i => lines[i]).Where(query.Matches).Take(query.Last).ToList();
        if (!query.FromOldest)
            found.Reverse();
        return found;
    }

    /// <summary>
    /// Returns the first lines after a sequence number, with a total of at most <paramref name="maxBytes"/> bytes, but at least one
    /// line if any exists.
    /// </summary>
    public IReadOnlyList<LogLine> ReadAfter(long number, long maxBytes)
    {
        var from = IndexAfter(number);
        var to = from;
        var size = 0L;
        while (to < lines.Count && ((size += Size(lines[to])) <= maxBytes || to == from))
            to++;
        return lines[from..to];
    }

    /// <summary>Returns the number of lines after a sequence number.</summary>
    public int CountAfter(long number) => lines.Count - IndexAfter(number);

    /// <summary>Returns the index of the first line after a sequence number.</summary>
    private int IndexAfter(long after)
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
