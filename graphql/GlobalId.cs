using System.Text;

namespace DeployCard.GraphQL;

/// <summary>Ids that are unique among all things, as Relay asks for: what it is and its own id, as base64. Clients take them as opaque.</summary>
internal static class GlobalId
{
    public static string Of(string type, string id) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{type}:{id}"));

    /// <summary>The own id of a thing of a type; null when <paramref name="text"/> is no id of such a thing.</summary>
    public static string? Parse(string type, string text)
    {
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length))
            return null;
        var plain = Encoding.UTF8.GetString(bytes, 0, length);
        return plain.StartsWith(type + ":", StringComparison.Ordinal) ? plain[(type.Length + 1)..] : null;
    }
}
