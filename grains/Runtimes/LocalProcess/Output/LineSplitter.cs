using System.Buffers;

namespace DeployCard.Grains.Runtimes.LocalProcess.Output;

/// <summary>
/// Makes lines out of pieces. A line ends with LF, CR LF or a lone CR (a progress bar is then seen while it moves). Of a line that is longer than
/// <paramref name="limit"/> bytes the rest is only counted.
/// </summary>
internal sealed class LineSplitter(int limit, TakeLine give)
{
    private readonly ArrayBufferWriter<byte> line = new();
    private long cut;
    private bool skipLineFeed;

    public void Add(ReadOnlySpan<byte> piece)
    {
        while (!piece.IsEmpty)
        {
            var end = piece.IndexOfAny((byte)'\n', (byte)'\r');
            if (end < 0)
            {
                Keep(piece);
                return;
            }

            if (line.WrittenCount == 0 && cut == 0 && end > 0 && end <= limit)
            {
                // Nearly always: no need to keep what is whole already.
                give(piece[..end], 0);
                skipLineFeed = piece[end] == '\r';
            }
            else
            {
                Keep(piece[..end]);
                EndLine(piece[end]);
            }

            piece = piece[(end + 1)..];
        }
    }

    /// <summary>Gives the last line, should it have no end.</summary>
    public void End()
    {
        if (line.WrittenCount > 0)
            Give();
    }

    private void Keep(ReadOnlySpan<byte> piece)
    {
        if (piece.IsEmpty)
            return;

        skipLineFeed = false;
        var fits = Math.Min(piece.Length, limit - line.WrittenCount);
        line.Write(piece[..fits]);
        cut += piece.Length - fits;
    }

    private void EndLine(byte end)
    {
        var afterReturn = skipLineFeed;
        skipLineFeed = false;
        if (line.WrittenCount == 0 && (afterReturn || end == '\r'))
            return;

        Give();
        skipLineFeed = end == '\r';
    }

    private void Give()
    {
        give(line.WrittenSpan, cut);
        line.ResetWrittenCount();
        cut = 0;
    }
}

/// <summary>Takes a line without its end, which holds until this returns, and how many bytes more it had.</summary>
internal delegate void TakeLine(ReadOnlySpan<byte> line, long cut);
