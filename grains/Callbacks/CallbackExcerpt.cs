using System.Globalization;
using System.Text;

namespace DeployCard.Grains.Callbacks;

/// <summary>What is kept of a receiver's answer, so that a person sees why it refused: it comes from a stranger, and is shown as text.</summary>
public static class CallbackExcerpt
{
    /// <summary>How much is kept, in bytes of the answer.</summary>
    public const int MostBytes = 1_024;

    private static readonly Rune Unreadable = Rune.ReplacementChar;

    /// <summary>
    /// The beginning of an answer as text; null where there is nothing. What is no UTF-8, and what would move or hide other text (control
    /// characters, changes of direction), is replaced.
    /// </summary>
    public static string? Of(ReadOnlySpan<byte> answer)
    {
        var text = new StringBuilder();
        // A letter that the bound cuts through is left out.
        var kept = answer[..Math.Min(answer.Length, MostBytes)];
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
