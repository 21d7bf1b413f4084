using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;

namespace DeployCard.Grains.Runtimes.LocalProcess.Output;

/// <summary>
/// The lines of one pod that its reader has not taken yet, bounded in number and size: a pod never waits for its reader, the oldest lines go
/// instead. A second reader takes the first one's place.
/// </summary>
internal sealed class LogBuffer(int maxLines, long maxBytes, TimeProvider clock)
{
    private readonly Lock sync = new();
    private readonly Queue<(DateTimeOffset At, LogStream Stream, RawLines Lines)> arrivals = new();
    private readonly Channel<bool> changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private int count;
    private long bytes;
    private long droppedLines;
    private bool ended;
    private int newestReader;

    public void Add(LogStream stream, string text)
    {
        var line = new RawLines(0);
        line.Add(Encoding.UTF8.GetBytes(text), 0);
        Add(stream, line);
    }

    /// <summary>Takes over lines that came together.</summary>
    public void Add(LogStream stream, RawLines lines)
    {
        lock (sync)
        {
            if (ended)
                return;

            arrivals.Enqueue((clock.GetUtcNow(), stream, lines));
            count += lines.Count;
            bytes += lines.Bytes;
            DropOldest();
        }

        Wake();
    }

    /// <summary>No more lines come.</summary>
    public void End()
    {
        lock (sync)
        {
            ended = true;
        }

        Wake();
    }

    public async IAsyncEnumerable<PodLogLine> Read([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var me = Interlocked.Increment(ref newestReader);
        Wake();
        while (true)
        {
            while (TryTake(me, out var line))
                yield return line;

            if (HasEnded(me))
            {
                // Whoever else waits for the same signal is to get it.
                Wake();
                yield break;
            }

            await changed.Reader.ReadAsync(cancellationToken);
        }
    }

    private bool TryTake(int reader, out PodLogLine line)
    {
        lock (sync)
        {
            line = null!;
            if (reader != Volatile.Read(ref newestReader))
                return false;

            if (droppedLines > 0)
            {
                line = new(
                    clock.GetUtcNow(),
                    LogStream.System,
                    $"{droppedLines} lines were left out here: they came faster than they were read.",
                    droppedLines
                );
                droppedLines = 0;
                return true;
            }

            if (count == 0)
                return false;

            var (at, stream, lines) = arrivals.Peek();
            bytes -= lines.FirstBytes;
            line = new(at, stream, lines.Take());
            Forget(lines);
            return true;
        }
    }

    private bool HasEnded(int reader)
    {
        lock (sync)
        {
            return reader != Volatile.Read(ref newestReader) || (ended && count == 0);
        }
    }

    private void DropOldest()
    {
        while (count > maxLines || bytes > maxBytes)
        {
            var lines = arrivals.Peek().Lines;
            bytes -= lines.FirstBytes;
            lines.Drop();
            Forget(lines);
            droppedLines++;
        }
    }

    /// <summary>The oldest line of the oldest arrival is out.</summary>
    private void Forget(RawLines oldest)
    {
        count--;
        if (oldest.Count == 0)
            arrivals.Dequeue();
    }

    private void Wake() => changed.Writer.TryWrite(true);
}
