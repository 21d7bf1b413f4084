using System.Buffers;
using System.Text;

namespace DeployCard.Common.Text;

/// <summary>Converts the bytes that a pod wrote into text that is safe to store and to display.</summary>
public static class LineText
{
    private const char Delete = '\u007f';

    // All control characters except tab and escape. Escape starts color sequences, which are allowed in a log.
    private static readonly SearchValues<char> Unsafe = SearchValues.Create([
        .. Enumerable.Range(0, 0xa0).Select(code => (char)code).Where(c => char.IsControl(c) && c is not ('\t' or '\u001b')),
    ]);

    /// <summary>Decodes UTF-8. Invalid bytes become U+FFFD, and control characters become visible symbols such as ␀.</summary>
    public static string From(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        return text.AsSpan().ContainsAny(Unsafe) ? string.Create(text.Length, text, CopyWithVisibleControls) : text;
    }

    /// <summary>
    /// Decodes a line that was truncated by <paramref name="cut"/> bytes and appends the number of missing bytes, if any.
    /// </summary>
    public static string From(ReadOnlySpan<byte> bytes, long cut)
    {
        if (cut == 0)
            return From(bytes);
        // If the line was truncated within a character, remove the first bytes of the character, too.
        var half = 0;
        if (Rune.DecodeLastFromUtf8(bytes, out _, out var last) != OperationStatus.Done)
            half = last;
        return $"{From(bytes[..^half])} … [{cut + half} bytes cut]";
    }

    private static void CopyWithVisibleControls(Span<char> target, string text)
    {
        for (var i = 0; i < target.Length; i++)
            target[i] = Unsafe.Contains(text[i]) ? ToSymbol(text[i]) : text[i];
    }

    private static char ToSymbol(char control) =>
        control switch
        {
            < ' ' => (char)('\u2400' + control),
            Delete => '\u2421',
            _ => '\ufffd',
        };
}
