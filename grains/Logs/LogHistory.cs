using System.Text;

namespace DeployCard.Grains.Logs;

/// <summary>The lines that are kept: bounded in number and in bytes, the oldest go first.</summary>
internal sealed class LogHistory(LogOptions options)
{
    private readonly Queue<LogLine> lines = [];
    private long bytes;

    public IEnumerable<LogLine> Lines => lines;

    /// <summary>The lowest sequence number that is kept, or the next one where nothing is.</summary>
    public long First => lines.TryPeek(out var line) ? line.Sequence : Next;

    /// <summary>The sequence number of the next line.</summary>
    public long Next { get; private set; } = 1;

    public void Add(LogLine line)
    {
        lines.Enqueue(line);
        bytes += Size(line);
        Next = line.Sequence + 1;
        while (lines.Count > options.MostLines || (bytes > options.MostBytes && lines.Count > 1))
            bytes -= Size(lines.Dequeue());
    }

    /// <summary>Leaves numbers out.</summary>
    public void SkipTo(long next) => Next = Math.Max(Next, next);

    public void Clear()
    {
        lines.Clear();
        bytes = 0;
    }

    /// <summary>The latest lines that fit, oldest first.</summary>
    public IReadOnlyList<LogLine> Find(LogQuery query) => [.. lines.Where(query.Fits).TakeLast(query.Last)];

    private static int Size(LogLine line) => Encoding.UTF8.GetByteCount(line.Text) + 64;
}
