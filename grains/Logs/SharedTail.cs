namespace DeployCard.Grains.Logs;

/// <summary>One stream of a log into this silo, for all who follow it here. It begins with the first of them and ends with the last.</summary>
internal sealed class SharedTail : IDisposable
{
    /// <summary>Of the history each follower asks for himself.</summary>
    public static readonly LogQuery Everything = new(Last: 1);

    private readonly Lock sync = new();
    private readonly List<TailReader> readers = [];
    private readonly CancellationTokenSource end = new();
    private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long lines;
    private bool isOver;
    private bool isDisposed;

    /// <param name="ask">Asks for the stream; it goes on behind what its first argument says was seen.</param>
    public SharedTail(Func<Func<long?>, CancellationToken, IAsyncEnumerable<LogChunk>> ask)
    {
        // It outlives the request of the first who follows.
        var token = end.Token;
        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(() => Read(ask, token), CancellationToken.None);
    }

    /// <summary>Ends once all that comes is given to those who have entered, or when the log is gone.</summary>
    public Task Begun => begun.Task;

    /// <summary>A reader of all that comes from now on; null when the stream has ended.</summary>
    public TailReader? TryEnter()
    {
        lock (sync)
        {
            if (isOver)
                return null;
            var reader = new TailReader(lines);
            readers.Add(reader);
            return reader;
        }
    }

    /// <summary>Whether that was the last one; nobody can enter then any more.</summary>
    public bool Leave(TailReader reader)
    {
        lock (sync)
        {
            readers.Remove(reader);
            isOver |= readers.Count == 0;
            return readers.Count == 0;
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
                    Give(new(lines, last, chunk));
                seen = chunk.Through;
                begun.TrySetResult();
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            failure = e;
        }
        catch (OperationCanceledException)
        {
            // All have left.
        }

        Close(failure);
    }

    private void Give(TailPiece piece)
    {
        if (piece.Length == 0)
            return;
        lock (sync)
        {
            lines += piece.Length;
            foreach (var reader in readers)
                reader.Take(piece);
        }
    }

    private void Close(Exception? failure)
    {
        lock (sync)
        {
            isOver = true;
            foreach (var reader in readers)
                reader.Close(failure);
        }

        begun.TrySetResult();
    }
}
