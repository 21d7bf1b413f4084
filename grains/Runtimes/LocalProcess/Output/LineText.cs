using System.Buffers;
using System.Text;

namespace DeployCard.Grains.Runtimes.LocalProcess.Output;

/// <summary>Makes text that is safe to store and to show out of whatever a pod wrote.</summary>
internal static class LineText
{
    private const char Delete = '\u007f';

    // All control characters but tab and escape: the latter begins colours, which a log may have.
    private static readonly SearchValues<char> Unsafe = SearchValues.Create([
        .. Enumerable.Range(0, 0xa0).Select(code => (char)code).Where(c => char.IsControl(c) && c is not ('\t' or '\u001b')),
    ]);

    /// <summary>The text of these bytes; what is no UTF-8 becomes U+FFFD, a control character its picture (as in ␀).</summary>
    public static string From(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        return text.AsSpan().ContainsAny(Unsafe) ? string.Create(text.Length, text, MakeVisible) : text;
    }

    /// <summary>The same of a line that was cut there, with a mark that tells how many bytes are missing.</summary>
    public static string From(ReadOnlySpan<byte> bytes, long cut)
    {
        if (cut == 0)
            return From(bytes);
        // The cut may have gone through a character: its first bytes go too.
        var half = 0;
        if (Rune.DecodeLastFromUtf8(bytes, out _, out var last) != OperationStatus.Done)
            half = last;
        return $"{From(bytes[..^half])} … [{cut + half} bytes cut]";
    }

    private static void MakeVisible(Span<char> target, string text)
    {
        for (var i = 0; i < target.Length; i++)
            target[i] = Unsafe.Contains(text[i]) ? Picture(text[i]) : text[i];
    }

    private static char Picture(char control) =>
        control switch
        {
            < ' ' => (char)('\u2400' + control),
            Delete => '\u2421',
            _ => '\ufffd',
        };
}
