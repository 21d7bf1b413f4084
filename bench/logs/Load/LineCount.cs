using System.Globalization;
using System.Text.Json.Nodes;

namespace DeployCard.Bench.Logs.Load;

/// <summary>Counts the lines of a flood that a watcher is shown, and those that it is told were left out.</summary>
internal sealed class LineCount
{
    private const string Flood = "flood ";
    private const string Mark = " lines were left out";
    private readonly Lock sync = new();
    private long previous = -1;

    /// <summary>Lines shown.</summary>
    public long Shown { get; private set; }

    /// <summary>Lines that were left out because they came faster than they were read, as the marks in the log tell.</summary>
    public long Marked { get; private set; }

    /// <summary>Lines that are in the log, but were left out for this watcher, as it is told.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Lines that came behind a later one.</summary>
    public long Disordered { get; private set; }

    /// <summary>Counts from here on.</summary>
    public void Begin()
    {
        lock (sync)
            (previous, Shown, Marked, LeftOut, Disordered) = (-1, 0, 0, 0, 0);
    }

    public long All
    {
        get
        {
            lock (sync)
                return Shown + Marked + LeftOut;
        }
    }

    public void Read(ReadOnlyMemory<byte> message)
    {
        var lines = JsonNode.Parse(message.Span)!["payload"]?["data"]?["logLines"];
        if (lines is null)
            return;
        lock (sync)
        {
            LeftOut += (long)lines["droppedLines"]!;
            foreach (var line in lines["lines"]!.AsArray())
                Take((string)line!["text"]!);
        }
    }

    private void Take(string text)
    {
        if (text.StartsWith(Flood, StringComparison.Ordinal))
        {
            var number = long.Parse(text.AsSpan(Flood.Length, 12), CultureInfo.InvariantCulture);
            Disordered += number > previous ? 0 : 1;
            (previous, Shown) = (number, Shown + 1);
        }
        else if (text.IndexOf(Mark, StringComparison.Ordinal) is > 0 and var at)
        {
            Marked += long.Parse(text.AsSpan(0, at), CultureInfo.InvariantCulture);
        }
    }
}
