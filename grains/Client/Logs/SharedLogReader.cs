using System.Runtime.CompilerServices;
using DeployCard.Common.Live;
using DeployCard.Contracts.Logs;

namespace DeployCard.Client.Logs;

/// <summary>
/// One reader of a shared log stream. Each reader has a bounded buffer. If a reader is slow, its oldest lines are dropped and reported as
/// <see cref="LogChunk.DroppedLines"/>, so it does not delay other readers.
/// </summary>
/// <param name="pieces">Subscription to the chunks of the shared stream.</param>
/// <param name="linesBefore">Number of lines of the shared stream before the reader subscribed.</param>
internal sealed class SharedLogReader(Subscription<SharedLogChunk> pieces, long linesBefore) : IDisposable
{
    private long expected = linesBefore;
    private long historyThrough;
    private bool isPastHistory;

    /// <summary>Sets the sequence number up to which the reader has received the lines from the history.</summary>
    public void SkipThrough(long through) => historyThrough = through;

    public async IAsyncEnumerable<LogChunk> Read(LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var piece in pieces.ReadAll(cancellationToken))
        {
            if (Next(piece, query) is { } chunk && (chunk.Lines.Count > 0 || chunk.DroppedLines > 0))
                yield return chunk;
        }
    }

    /// <summary>Ends the subscription to the shared stream.</summary>
    public void Dispose() => pieces.Dispose();

    private LogChunk Next(SharedLogChunk piece, LogQuery query)
    {
        var dropped = piece.LinesBefore - expected;
        expected = piece.LinesBefore + piece.LineCount;
        if (!isPastHistory && piece.LastSequenceBefore >= historyThrough)
        {
            // The reader has already received some of the dropped lines from the history.
            (isPastHistory, dropped) = (true, Math.Min(dropped, piece.LastSequenceBefore - historyThrough));
        }

        // After the history, do not filter by sequence number: a log whose silo died without a reservation assigns some numbers again.
        var lines = piece.Chunk.Lines.Where(line => (isPastHistory || line.Sequence > historyThrough) && query.Matches(line)).ToList();
        return new(lines, isPastHistory ? dropped + piece.Chunk.DroppedLines : 0, piece.Chunk.Through);
    }
}

/// <summary>A chunk of the shared stream with its position.</summary>
/// <param name="LinesBefore">Number of lines of the shared stream before the chunk.</param>
/// <param name="LastSequenceBefore">Highest sequence number before the chunk.</param>
/// <param name="Chunk">The chunk with its lines.</param>
internal readonly record struct SharedLogChunk(long LinesBefore, long LastSequenceBefore, LogChunk Chunk)
{
    /// <summary>Number of lines of the chunk, including dropped ones.</summary>
    public long LineCount => Chunk.Lines.Count + Chunk.DroppedLines;
}
