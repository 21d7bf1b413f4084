namespace DeployCard.Grains.Runtimes.LocalProcess.Output;

/// <summary>Lines that came together, as bytes: they become text when somebody takes them, which most of a flood never are.</summary>
/// <param name="expected">How many bytes they may have together; more make it grow.</param>
internal sealed class RawLines(int expected)
{
    private readonly List<(int End, long Cut)> lines = [];
    private byte[] bytes = [];
    private int first;

    /// <summary>How many have not been taken.</summary>
    public int Count => lines.Count - first;

    /// <summary>How many bytes have been added.</summary>
    public int Bytes => Begin(lines.Count);

    /// <summary>Adds one, of which so many bytes more were cut.</summary>
    public void Add(ReadOnlySpan<byte> line, long cut)
    {
        var begin = Bytes;
        var end = begin + line.Length;
        if (end > bytes.Length)
            Array.Resize(ref bytes, Math.Max(Math.Max(end, expected), bytes.Length * 2));
        line.CopyTo(bytes.AsSpan(begin));
        lines.Add((end, cut));
    }

    /// <summary>The bytes of the oldest one.</summary>
    public int FirstBytes => lines[first].End - Begin(first);

    /// <summary>Takes the oldest one out.</summary>
    public string Take() => Text(first++);

    /// <summary>Leaves the oldest one out.</summary>
    public void Drop() => first++;

    /// <summary>The text of the last ones, which stay.</summary>
    public IEnumerable<string> Last(int most) => Enumerable.Range(Math.Max(first, lines.Count - most), Math.Min(Count, most)).Select(Text);

    private string Text(int line) => LineText.From(bytes.AsSpan(Begin(line)..lines[line].End), lines[line].Cut);

    private int Begin(int line) => line == 0 ? 0 : lines[line - 1].End;
}
