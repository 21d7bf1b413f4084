using System.Globalization;
using System.Text.Json.Nodes;

namespace DeployCard.Bench.Logs.Load;

/// <summary>Counts the lines of a flood that a subscriber receives, and the lines that are reported to it as dropped.</summary>
internal sealed class FloodLineCounter
{
    private const string FloodPrefix = "flood ";
    private const string DroppedNotice = " lines were dropped";
    private readonly Lock sync = new();
    private long previous = -1;

    /// <summary>Number of lines received.</summary>
    public long Received { get; private set; }

    /// <summary>Number of lines that the silo dropped before they reached the log, according to the notices in the log.</summary>
    public long DroppedInLog { get; private set; }

    /// <summary>Number of lines that are in the log but were dropped for this subscriber, according to <c>droppedLines</c>.</summary>
    public long DroppedForSubscriber { get; private set; }

    /// <summary>Number of lines received after a line with a higher number.</summary>
    public long OutOfOrder { get; private set; }

    /// <summary>Resets all counts to 0.</summary>
    public void Reset()
    {
        lock (sync)
            (previous, Received, DroppedInLog, DroppedForSubscriber, OutOfOrder) = (-1, 0, 0, 0, 0);
    }

    /// <summary>Number of lines received or reported as dropped.</summary>
    public long Total
    {
        get
        {
            lock (sync)
                return Received + DroppedInLog + DroppedForSubscriber;
        }
    }

    /// <summary>Counts the lines of a message of the subscription; ignores other messages.</summary>
    public void Read(ReadOnlyMemory<byte> message)
    {
        var lines = JsonNode.Parse(message.Span)!["payload"]?["data"]?["logLines"];
        if (lines is null)
            return;
        lock (sync)
        {
            DroppedForSubscriber += (long)lines["droppedLines"]!;
            foreach (var line in lines["lines"]!.AsArray())
                CountLine((string)line!["text"]!);
        }
    }

    private void CountLine(string text)
    {
        if (text.StartsWith(FloodPrefix, StringComparison.Ordinal))
        {
            var number = long.Parse(text.AsSpan(FloodPrefix.Length, 12), CultureInfo.InvariantCulture);
            OutOfOrder += number > previous ? 0 : 1;
            (previous, Received) = (number, Received + 1);
        }
        else if (text.IndexOf(DroppedNotice, StringComparison.Ordinal) is > 0 and var at)
        {
            DroppedInLog += long.Parse(text.AsSpan(0, at), CultureInfo.InvariantCulture);
        }
    }
}
