using System.Buffers;
using System.Text;
using System.Text.Json;

namespace DeployCard.Client.Http;

/// <summary>
/// Checks that a stream of bytes is exactly one JSON text (RFC 8259) in UTF-8, in constant memory. The framework's reader buffers a whole
/// string, and model results contain images in strings. The reader therefore sees every string as an empty one, and this class checks the
/// contents of strings.
/// </summary>
internal sealed class JsonValidator(int maxDepth)
{
    /// <summary>
    /// Maximum number of unconsumed bytes carried over to the next chunk. Only a number could be longer, and no realistic number is.
    /// </summary>
    private const int MaxCarriedOver = 16 * 1024;

    /// <summary>Number of hexadecimal digits after <c>\u</c>.</summary>
    private const byte HexDigits = 4;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly SearchValues<byte> EndsOfPlain = SearchValues.Create([
        (byte)'"',
        (byte)'\\',
        .. Enumerable.Range(0, ' ').Select(n => (byte)n),
    ]);

    private readonly Decoder utf8 = Strict.GetDecoder();
    private readonly char[] decoded = new char[4096];
    private readonly ArrayBufferWriter<byte> outside = new();
    private JsonReaderState state = new(new() { MaxDepth = maxDepth });
    private bool isInString;
    private bool isEscape;
    private int hexLeft;

    /// <summary>Returns whether the whole body is one valid JSON text. The position of the body is undefined afterwards.</summary>
    /// <param name="body">Body to check, from its current position.</param>
    /// <param name="maxDepth">Maximum nesting depth of the JSON text.</param>
    /// <param name="chunk">Buffer for the chunks that are read.</param>
    /// <param name="cancellationToken">Token that cancels the check.</param>
    public static async Task<bool> IsValid(Stream body, int maxDepth, byte[] chunk, CancellationToken cancellationToken)
    {
        var check = new JsonValidator(maxDepth);
        try
        {
            while (await body.ReadAsync(chunk, cancellationToken) is var read and > 0)
            {
                if (!check.Append(chunk.AsSpan(0, read)))
                    return false;
            }

            return check.End();
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException)
        {
            return false;
        }
    }

    private bool Append(ReadOnlySpan<byte> chunk)
    {
        Decode(chunk, isLast: false);
        while (!chunk.IsEmpty)
        {
            var consumed = isInString ? ConsumeInString(chunk) : ConsumeOutsideString(chunk);
            if (consumed < 0)
                return false;
            chunk = chunk[consumed..];
        }

        Read(isLast: false);
        return outside.WrittenCount <= MaxCarriedOver;
    }

    private bool End()
    {
        Decode([], isLast: true);
        if (isInString)
            return false;
        Read(isLast: true);
        return true;
    }

    private void Decode(ReadOnlySpan<byte> bytes, bool isLast)
    {
        var isDone = false;
        while (!isDone)
        {
            utf8.Convert(bytes, decoded, isLast, out var used, out _, out isDone);
            bytes = bytes[used..];
        }
    }

    /// <summary>
    /// Consumes bytes up to the end of a string or of the chunk. Returns the number of bytes consumed; -1 if they are invalid in a string.
    /// </summary>
    private int ConsumeInString(ReadOnlySpan<byte> bytes)
    {
        var first = bytes[0];
        if (hexLeft > 0)
        {
            hexLeft--;
            return char.IsAsciiHexDigit((char)first) ? 1 : -1;
        }

        if (isEscape)
        {
            isEscape = false;
            hexLeft = first == 'u' ? HexDigits : 0;
            return "\"\\/bfnrtu"u8.Contains(first) ? 1 : -1;
        }

        var at = bytes.IndexOfAny(EndsOfPlain);
        if (at < 0)
            return bytes.Length;
        (isInString, isEscape) = (bytes[at] != '"', bytes[at] == '\\');
        return bytes[at] < ' ' ? -1 : at + 1;
    }

    /// <summary>
    /// Consumes bytes up to the start of a string or the end of the chunk, and returns their number. A run of whitespace is passed on as
    /// one space.
    /// </summary>
    private int ConsumeOutsideString(ReadOnlySpan<byte> bytes)
    {
        var at = bytes.IndexOf((byte)'"');
        var plain = at < 0 ? bytes : bytes[..at];
        var target = outside.GetSpan(plain.Length + 2);
        var (length, wasWhitespace) = (0, outside.WrittenCount > 0 && outside.WrittenSpan[^1] == ' ');
        foreach (var next in plain)
        {
            var isWhitespace = next is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
            if (!(isWhitespace && wasWhitespace))
                target[length++] = isWhitespace ? (byte)' ' : next;
            wasWhitespace = isWhitespace;
        }

        if (at >= 0)
        {
            (target[length], target[length + 1]) = ((byte)'"', (byte)'"');
            length += 2;
            isInString = true;
        }

        outside.Advance(length);
        return at < 0 ? bytes.Length : at + 1;
    }

    private void Read(bool isLast)
    {
        var reader = new Utf8JsonReader(outside.WrittenSpan, isLast, state);
        while (reader.Read())
        {
            // Only the JsonException that Read throws for invalid JSON matters.
        }

        state = reader.CurrentState;
        var left = outside.WrittenSpan[(int)reader.BytesConsumed..].ToArray();
        outside.ResetWrittenCount();
        outside.Write(left);
    }
}
