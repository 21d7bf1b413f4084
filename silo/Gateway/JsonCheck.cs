using System.Buffers;
using System.Text;
using System.Text.Json;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// Whether bytes that come piece by piece are one JSON text (RFC 8259) in UTF-8, in memory that does not grow with them. The framework's reader
/// would keep a string until its end, and models answer with images in strings: so it gets to see each as an empty one, and what stands in
/// them is looked at here.
/// </summary>
internal sealed class JsonCheck(int mostDepth)
{
    /// <summary>What may be left of a piece for the next one, in bytes: only a number could be longer, and none is.</summary>
    private const int MostLeft = 16 * 1024;

    private const byte Hex = 4;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly SearchValues<byte> EndsOfPlain = SearchValues.Create([
        (byte)'"',
        (byte)'\\',
        .. Enumerable.Range(0, ' ').Select(n => (byte)n),
    ]);

    private readonly Decoder utf8 = Strict.GetDecoder();
    private readonly char[] decoded = new char[4096];
    private readonly ArrayBufferWriter<byte> outside = new();
    private JsonReaderState state = new(new() { MaxDepth = mostDepth });
    private bool isInString;
    private bool isEscape;
    private int hexLeft;

    /// <summary>Whether all of a body is JSON. Its position is anywhere afterwards.</summary>
    /// <param name="body">The body.</param>
    /// <param name="mostDepth">How many levels it may have.</param>
    /// <param name="piece">Where pieces of it are read to.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static async Task<bool> Passes(Stream body, int mostDepth, byte[] piece, CancellationToken cancellationToken)
    {
        var check = new JsonCheck(mostDepth);
        try
        {
            while (await body.ReadAsync(piece, cancellationToken) is var read and > 0)
            {
                if (!check.Take(piece.AsSpan(0, read)))
                    return false;
            }

            return check.End();
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException)
        {
            return false;
        }
    }

    private bool Take(ReadOnlySpan<byte> piece)
    {
        Decode(piece, isLast: false);
        while (!piece.IsEmpty)
        {
            var taken = isInString ? TakeInside(piece) : TakeOutside(piece);
            if (taken < 0)
                return false;
            piece = piece[taken..];
        }

        Read(isLast: false);
        return outside.WrittenCount <= MostLeft;
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

    /// <summary>Up to the end of a string, or of the piece. Returns how many bytes that were; -1 where they are none of a string.</summary>
    private int TakeInside(ReadOnlySpan<byte> bytes)
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
            hexLeft = first == 'u' ? Hex : 0;
            return "\"\\/bfnrtu"u8.Contains(first) ? 1 : -1;
        }

        var at = bytes.IndexOfAny(EndsOfPlain);
        if (at < 0)
            return bytes.Length;
        (isInString, isEscape) = (bytes[at] != '"', bytes[at] == '\\');
        return bytes[at] < ' ' ? -1 : at + 1;
    }

    /// <summary>Up to the beginning of a string, or the end of the piece. Of blanks one is enough.</summary>
    private int TakeOutside(ReadOnlySpan<byte> bytes)
    {
        var at = bytes.IndexOf((byte)'"');
        var plain = at < 0 ? bytes : bytes[..at];
        var target = outside.GetSpan(plain.Length + 2);
        var (length, wasBlank) = (0, outside.WrittenCount > 0 && outside.WrittenSpan[^1] == ' ');
        foreach (var next in plain)
        {
            var isBlank = next is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
            if (!(isBlank && wasBlank))
                target[length++] = isBlank ? (byte)' ' : next;
            wasBlank = isBlank;
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
            // It throws where it is not JSON.
        }

        state = reader.CurrentState;
        var left = outside.WrittenSpan[(int)reader.BytesConsumed..].ToArray();
        outside.ResetWrittenCount();
        outside.Write(left);
    }
}
