using System.Text;

namespace DeployCard.GraphQL;

/// <summary>
/// Globally unique object ids as specified by Relay: the type and the object's own id, encoded as base64. Clients treat them as opaque.
/// </summary>
internal static class GlobalId
{
    public static string Create(string type, string id) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{type}:{id}"));

    /// <summary>Returns the object's own id, or null if <paramref name="text"/> is not the id of an object of this type.</summary>
    public static string? Parse(string type, string text)
    {
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length))
            return null;
        var plain = Encoding.UTF8.GetString(bytes, 0, length);
        return plain.StartsWith(type + ":", StringComparison.Ordinal) ? plain[(type.Length + 1)..] : null;
    }
}
