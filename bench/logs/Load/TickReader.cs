using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;

namespace DeployCard.Bench.Logs.Load;

/// <summary>Finds the times in messages with lines <c>tick 123…</c>, and how long ago they were.</summary>
internal sealed class TickReader
{
    private readonly ConcurrentBag<double> delays = [];

    public int Count => delays.Count;

    /// <summary>In milliseconds.</summary>
    public IReadOnlyCollection<double> Delays => delays;

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
