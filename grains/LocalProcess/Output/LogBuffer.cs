using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using DeployCard.Contracts.Runtimes;

namespace DeployCard.LocalProcess.Output;

/// <summary>
/// Buffer for the lines of one pod, bounded in number and size. A pod never waits for the reader of its log: the oldest lines are dropped
/// instead. There is one reader; a new reader replaces the previous one. The buffer is no broadcaster: it is limited in bytes, counts the
/// dropped lines, and keeps unread lines for the next reader.
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

    /// <summary>Adds lines that arrived together. The buffer owns <paramref name="lines"/> from then on.</summary>
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

    /// <summary>Marks the end of the log; further lines are ignored.</summary>
    public void Complete()
    {
        lock (sync)
        {
            ended = true;
        }

        Wake();
    }

    public async IAsyncEnumerable<PodLogLine> Read([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = Interlocked.Increment(ref newestReader);
        Wake();
        while (true)
        {
            while (TryDequeue(reader, out var line))
                yield return line;

            if (IsFinished(reader))
            {
                // Pass the signal on to the other reader, which waits for the same signal.
                Wake();
                yield break;
            }

            await changed.Reader.ReadAsync(cancellationToken);
        }
    }

    private bool TryDequeue(int reader, out PodLogLine line)
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
                    $"{droppedLines} lines were dropped here: the pod wrote faster than its log was read.",
                    droppedLines
                );
                droppedLines = 0;
                return true;
            }

            if (count == 0)
                return false;

            var (at, stream, lines) = arrivals.Peek();
            bytes -= lines.OldestBytes;
            line = new(at, stream, lines.Dequeue());
            OnLineRemoved(lines);
            return true;
        }
    }

    private bool IsFinished(int reader)
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
            bytes -= lines.OldestBytes;
            lines.DropOldest();
            OnLineRemoved(lines);
            droppedLines++;
        }
    }

    /// <summary>Updates the counters after the oldest line was removed.</summary>
    private void OnLineRemoved(RawLines oldest)
    {
        count--;
        if (oldest.Count == 0)
            arrivals.Dequeue();
    }

    private void Wake() => changed.Writer.TryWrite(true);
}
