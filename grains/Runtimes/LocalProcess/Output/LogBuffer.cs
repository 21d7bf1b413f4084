using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace DeployCard.Grains.Runtimes.LocalProcess.Output;

/// <summary>
/// The lines of one pod that its reader has not taken yet, bounded in number and size: a pod never waits for its reader, the oldest lines go
/// instead. A second reader takes the first one's place.
/// </summary>
internal sealed class LogBuffer(int maxLines, int maxCharacters, TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly Queue<PodLogLine> lines = new();
    private readonly Channel<bool> changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int characters;
    private long leftOut;
    private bool ended;
    private int newestReader;

    public void Add(LogStream stream, string text)
    {
        lock (gate)
        {
            if (ended)
            {
                return;
            }

            lines.Enqueue(new(clock.GetUtcNow(), stream, text));
            characters += text.Length;
            DropOldest();
        }

        Wake();
    }

    /// <summary>No more lines come.</summary>
    public void End()
    {
        lock (gate)
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
            {
                yield return line;
            }

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
        lock (gate)
        {
            line = null!;
            if (reader != Volatile.Read(ref newestReader))
            {
                return false;
            }

            if (leftOut > 0)
            {
                line = new(clock.GetUtcNow(), LogStream.System, $"{leftOut} lines were left out here: they came faster than they were read.", leftOut);
                leftOut = 0;
                return true;
            }

            if (!lines.TryDequeue(out line!))
            {
                return false;
            }

            characters -= line.Text.Length;
            return true;
        }
    }

    private bool HasEnded(int reader)
    {
        lock (gate)
        {
            return reader != Volatile.Read(ref newestReader) || (ended && lines.Count == 0);
        }
    }

    private void DropOldest()
    {
        while (lines.Count > maxLines || characters > maxCharacters)
        {
            characters -= lines.Dequeue().Text.Length;
            leftOut++;
        }
    }

    private void Wake() => changed.Writer.TryWrite(true);
}
