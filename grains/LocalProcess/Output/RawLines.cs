using DeployCard.Common.Text;

namespace DeployCard.LocalProcess.Output;

/// <summary>
/// Lines that arrived together, as bytes. They are decoded only when they are read, because most lines of a flood are dropped.
/// </summary>
/// <param name="expectedBytes">Expected size of all lines in bytes, used as the initial capacity.</param>
internal sealed class RawLines(int expectedBytes)
{
    private readonly List<(int End, long Cut)> lines = [];
    private byte[] bytes = [];
    private int first;

    /// <summary>Number of lines that remain in the queue.</summary>
    public int Count => lines.Count - first;

    /// <summary>Number of bytes added, including those of removed lines.</summary>
    public int Bytes => Begin(lines.Count);

    /// <summary>Adds a line that was truncated by <paramref name="cut"/> bytes.</summary>
    public void Add(ReadOnlySpan<byte> line, long cut)
    {
        var begin = Bytes;
        var end = begin + line.Length;
        if (end > bytes.Length)
            Array.Resize(ref bytes, Math.Max(Math.Max(end, expectedBytes), bytes.Length * 2));
        line.CopyTo(bytes.AsSpan(begin));
        lines.Add((end, cut));
    }

    /// <summary>Size of the oldest line in bytes.</summary>
    public int OldestBytes => lines[first].End - Begin(first);

    /// <summary>Removes the oldest line and returns its text.</summary>
    public string Dequeue() => Text(first++);

    /// <summary>Removes the oldest line without decoding it.</summary>
    public void DropOldest() => first++;

    /// <summary>Returns the text of the last lines, at most <paramref name="max"/>, without removing them.</summary>
    public IEnumerable<string> TakeLast(int max) => Enumerable.Range(Math.Max(first, lines.Count - max), Math.Min(Count, max)).Select(Text);

    private string Text(int line) => LineText.From(bytes.AsSpan(Begin(line)..lines[line].End), lines[line].Cut);

    private int Begin(int line) => line == 0 ? 0 : lines[line - 1].End;
}
