using DeployCard.Common.Live;
using DeployCard.Contracts.Logs;

namespace DeployCard.Client.Logs;

/// <summary>
/// One stream from a log grain, shared by all readers of the log on this silo. It starts with the first reader and ends with the last.
/// </summary>
internal sealed class SharedLogStream : IDisposable
{
    /// <summary>
    /// The query of the shared stream: no filter, and only one line of the history, because each reader reads the history separately.
    /// </summary>
    public static readonly LogQuery UnfilteredQuery = new(Last: 1);

    /// <summary>Maximum number of chunks buffered for a slow reader. If the buffer is full, the oldest chunks are dropped.</summary>
    private const int ReaderCapacity = 256;

    private readonly Lock sync = new();
    private readonly Broadcaster<SharedLogChunk> readers = new(ReaderCapacity);
    private readonly CancellationTokenSource end = new();
    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long lines;
    private bool hasEnded;
    private bool isDisposed;

    /// <summary>Starts reading the stream in the background.</summary>
    /// <param name="open">
    /// Opens the stream. The first argument returns the highest sequence number received, after which a reopened stream continues; null
    /// if nothing was received.
    /// </param>
    public SharedLogStream(Func<Func<long?>, CancellationToken, IAsyncEnumerable<LogChunk>> open)
    {
        // The stream outlives the request of its first reader, so it must not capture the execution context of the request.
        var token = end.Token;
        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(() => Read(open, token), CancellationToken.None);
    }

    /// <summary>Completes when every further line is delivered to the current readers, or when the stream has ended.</summary>
    public Task Started => started.Task;

    /// <summary>Returns a reader that receives all lines from now on; null if the stream has ended.</summary>
    public SharedLogReader? TrySubscribe()
    {
        lock (sync)
        {
            return hasEnded ? null : new(readers.Subscribe(), lines);
        }
    }

    /// <summary>Removes a reader. Returns true if this was the last reader; the stream then accepts no further readers.</summary>
    public bool Unsubscribe(SharedLogReader reader)
    {
        lock (sync)
        {
            reader.Dispose();
            hasEnded |= readers.SubscriberCount == 0;
            return readers.SubscriberCount == 0;
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref isDisposed, true))
            return;
        end.Cancel();
        end.Dispose();
    }

    private async Task Read(Func<Func<long?>, CancellationToken, IAsyncEnumerable<LogChunk>> ask, CancellationToken cancellationToken)
    {
        long? seen = null;
        Exception? failure = null;
        try
        {
            await foreach (var chunk in ask(() => seen, cancellationToken))
            {
                if (seen is { } last)
                    Deliver(new(lines, last, chunk));
                seen = chunk.Through;
                started.TrySetResult();
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            failure = e;
        }
        catch (OperationCanceledException)
        {
            // The last reader has unsubscribed.
        }

        Complete(failure);
    }

    private void Deliver(SharedLogChunk piece)
    {
        if (piece.LineCount == 0)
            return;
        lock (sync)
        {
            lines += piece.LineCount;
            readers.Publish(piece);
        }
    }

    private void Complete(Exception? failure)
    {
        lock (sync)
        {
            hasEnded = true;
            readers.Complete(failure);
        }

        started.TrySetResult();
    }
}
