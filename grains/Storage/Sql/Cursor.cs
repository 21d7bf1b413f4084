using System.Buffers.Text;
using System.Text;
using DeployCard.Contracts.Storage;

namespace DeployCard.Storage.Sql;

/// <summary>Encodes a position in a list as opaque text: the list's name and the sort key of an item.</summary>
internal static class Cursor
{
    // No name, id or time contains a line feed.
    private const char Separator = '\n';

    public static string Encode(string list, IReadOnlyList<string> key) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Join(Separator, [list, .. key])));

    /// <exception cref="InvalidCursorException">The text is not a cursor, or belongs to another list.</exception>
    public static string[] Decode(string list, string cursor, int keyLength)
    {
        var parts = DecodeText(cursor).Split(Separator);
        return parts.Length == keyLength + 1 && parts[0] == list ? parts[1..] : throw new InvalidCursorException(cursor);
    }

    private static string DecodeText(string cursor)
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
