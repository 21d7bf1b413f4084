using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;

namespace DeployCard.Bench.Logs.Load;

/// <summary>Finds lines of the form <c>tick 123…</c> in messages and records how long ago they were written.</summary>
internal sealed class TickReader
{
    private readonly ConcurrentBag<double> delays = [];

    /// <summary>Number of lines found.</summary>
    public int Count => delays.Count;

    /// <summary>Delays of all lines, in ms.</summary>
    public IReadOnlyCollection<double> Delays => delays;

    /// <summary>Records the delays of the lines in a message.</summary>
    public void Read(ReadOnlyMemory<byte> message)
    {
        var now = TimeProvider.System.GetTimestamp();
        var rest = message.Span;
        int at;
        while ((at = rest.IndexOf("\"tick "u8)) >= 0)
        {
            rest = rest[(at + 6)..];
            if (Utf8Parser.TryParse(rest, out long written, out _))
                delays.Add(Stopwatch.GetElapsedTime(written, now).TotalMilliseconds);
        }
    }
}
