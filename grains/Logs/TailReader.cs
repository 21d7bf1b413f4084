using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace DeployCard.Grains.Logs;

/// <summary>
/// One who follows a log. He has a bounded buffer from which the oldest is dropped when he is slow, and is told how many lines that were: nobody
/// waits for him.
/// </summary>
/// <param name="before">How many lines came before he did.</param>
internal sealed class TailReader(long before)
{
    private const int Capacity = 256;

    private readonly Channel<TailPiece> pieces = Channel.CreateBounded<TailPiece>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
    );

    private long expected = before;
    private long known;
    private bool isBehindHistory;

    public void Take(TailPiece piece) => pieces.Writer.TryWrite(piece);

    public void Close(Exception? failure) => pieces.Writer.TryComplete(failure);

    /// <summary>The lines up to this number he has from the history.</summary>
    public void Knows(long through) => known = through;

    public async IAsyncEnumerable<LogChunk> Read(LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var piece in pieces.Reader.ReadAllAsync(cancellationToken))
        {
            if (Next(piece, query) is { } chunk && (chunk.Lines.Count > 0 || chunk.DroppedLines > 0))
                yield return chunk;
        }
    }

    private LogChunk Next(TailPiece piece, LogQuery query)
    {
        var dropped = piece.Before - expected;
        expected = piece.Before + piece.Length;
        if (!isBehindHistory && piece.After >= known)
        {
            // Of those that were dropped while it was read, it has some.
            (isBehindHistory, dropped) = (true, Math.Min(dropped, piece.After - known));
        }

        // Behind it no number is known: those of a log whose silo died while none could be reserved may come again.
        var lines = piece.Chunk.Lines.Where(line => (isBehindHistory || line.Sequence > known) && query.Fits(line)).ToList();
        return new(lines, isBehindHistory ? dropped + piece.Chunk.DroppedLines : 0, piece.Chunk.Through);
    }
}

/// <summary>What came at once.</summary>
/// <param name="Before">How many lines came before it.</param>
/// <param name="After">The highest number that came before it.</param>
/// <param name="Chunk">The lines.</param>
internal readonly record struct TailPiece(long Before, long After, LogChunk Chunk)
{
    /// <summary>How many lines it tells of.</summary>
    public long Length => Chunk.Lines.Count + Chunk.DroppedLines;
}
