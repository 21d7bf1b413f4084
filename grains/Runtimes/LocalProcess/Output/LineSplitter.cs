using System.Buffers;
using System.Text;

namespace DeployCard.Grains.Runtimes.LocalProcess.Output;

/// <summary>
/// Makes lines out of pieces. A line ends with LF, CR LF or a lone CR (a progress bar is then seen while it moves). Of a line that is longer than
/// <paramref name="limit"/> bytes the rest is only counted.
/// </summary>
internal sealed class LineSplitter(int limit, Action<string> give)
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

            Keep(piece[..end]);
            EndLine(piece[end]);
            piece = piece[(end + 1)..];
        }
    }

    /// <summary>Gives the last line, should it have no end.</summary>
    public void End()
    {
        if (line.WrittenCount > 0)
        {
            Give();
        }
    }

    private void Keep(ReadOnlySpan<byte> piece)
    {
        if (piece.IsEmpty)
        {
            return;
        }

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
        {
            return;
        }

        Give();
        skipLineFeed = end == '\r';
    }

    private void Give()
    {
        give(cut == 0 ? LineText.From(line.WrittenSpan) : CutText());
        line.ResetWrittenCount();
        cut = 0;
    }

    private string CutText()
    {
        var kept = line.WrittenSpan;

        // The cut may have gone through a character: its first bytes go too.
        if (Rune.DecodeLastFromUtf8(kept, out _, out var half) != OperationStatus.Done)
        {
            kept = kept[..^half];
        }

        return $"{LineText.From(kept)} … [{cut + line.WrittenCount - kept.Length} bytes cut]";
    }
}
