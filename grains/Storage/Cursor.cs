using System.Buffers.Text;
using System.Text;

namespace DeployCard.Grains.Storage;

/// <summary>A place in a list as text that callers pass back unread: the list's name and the sort key of an item.</summary>
internal static class Cursor
{
    // Stands in no name, id or time.
    private const char Separator = '\n';

    public static string Encode(string list, IReadOnlyList<string> key) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Join(Separator, [list, .. key])));

    /// <exception cref="InvalidCursorException">It is none, or one of another list.</exception>
    public static string[] Decode(string list, string cursor, int keyLength)
    {
        var parts = Text(cursor).Split(Separator);
        return parts.Length == keyLength + 1 && parts[0] == list ? parts[1..] : throw new InvalidCursorException(cursor);
    }

    private static string Text(string cursor)
    {
        try
        {
            return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor));
        }
        catch (FormatException)
        {
            throw new InvalidCursorException(cursor);
        }
    }
}
