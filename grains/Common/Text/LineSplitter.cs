using System.Buffers;

namespace DeployCard.Common.Text;

/// <summary>
/// Splits a stream of bytes into lines. A line ends with LF, CR LF or a lone CR, so that a progress bar is visible while it moves. A line
/// longer than <paramref name="maxLineBytes"/> bytes is truncated, and the rest of its bytes is only counted.
/// </summary>
public sealed class LineSplitter(int maxLineBytes, LineHandler emit)
{
    private readonly ArrayBufferWriter<byte> line = new();
    private long cut;
    private bool skipLineFeed;

    /// <summary>Adds bytes and emits the lines that they complete.</summary>
    public void Add(ReadOnlySpan<byte> piece)
    {
        while (!piece.IsEmpty)
        {
            var end = piece.IndexOfAny((byte)'\n', (byte)'\r');
            if (end < 0)
            {
                BufferPiece(piece);
                return;
            }

            if (line.WrittenCount == 0 && cut == 0 && end > 0 && end <= maxLineBytes)
            {
                // The common case: a complete line within one piece needs no copy.
                emit(piece[..end], 0);
                skipLineFeed = piece[end] == '\r';
            }
            else
            {
                BufferPiece(piece[..end]);
                EndLine(piece[end]);
            }

            piece = piece[(end + 1)..];
        }
    }

    /// <summary>Passes on the last line if it has no line ending.</summary>
    public void Complete()
    {
        if (line.WrittenCount > 0)
            EmitLine();
    }

    private void BufferPiece(ReadOnlySpan<byte> piece)
    {
        if (piece.IsEmpty)
            return;

        skipLineFeed = false;
        var fits = Math.Min(piece.Length, maxLineBytes - line.WrittenCount);
        line.Write(piece[..fits]);
        cut += piece.Length - fits;
    }

    private void EndLine(byte end)
    {
        var afterReturn = skipLineFeed;
        skipLineFeed = false;
        if (line.WrittenCount == 0 && (afterReturn || end == '\r'))
            return;

        EmitLine();
        skipLineFeed = end == '\r';
    }

    private void EmitLine()
    {
        emit(line.WrittenSpan, cut);
        line.ResetWrittenCount();
        cut = 0;
    }
}

/// <summary>
/// Handles a line without its line ending. The span is valid only during the call; <paramref name="cut"/> bytes were truncated.
/// </summary>
public delegate void LineHandler(ReadOnlySpan<byte> line, long cut);
