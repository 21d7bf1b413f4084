using System.Globalization;
using System.Text;

namespace DeployCard.Contracts.Callbacks;

/// <summary>
/// Creates a sanitized excerpt of a receiver's response, which helps users to see why a delivery failed. The response is untrusted and
/// shown as text.
/// </summary>
public static class CallbackExcerpt
{
    /// <summary>Maximum number of bytes of the response body in an excerpt.</summary>
    public const int MaxBytes = 1_024;

    private static readonly Rune Unreadable = Rune.ReplacementChar;

    /// <summary>
    /// Returns the beginning of a response body as text; null if the body is empty. Invalid UTF-8 and characters that could move or hide
    /// other text (control characters, direction overrides) are replaced.
    /// </summary>
    public static string? From(ReadOnlySpan<byte> body)
    {
        var text = new StringBuilder();
        // A character that the limit cuts through is omitted.
        var kept = body[..Math.Min(body.Length, MaxBytes)];
        while (!kept.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(kept, out var rune, out var length);
            if (status is System.Buffers.OperationStatus.NeedMoreData)
                break;
            text.Append(IsShown(rune) ? rune : Unreadable);
            kept = kept[length..];
        }

        return text.Length == 0 ? null : text.ToString();
    }

    private static bool IsShown(Rune rune) =>
        rune.Value is '\n' or '\t' or '\r'
        || Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
            );
}
