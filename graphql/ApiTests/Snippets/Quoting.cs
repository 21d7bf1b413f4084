using System.Text;

namespace DeployCard.GraphQL.ApiTests.Snippets;

/// <summary>Writes text as string literals for shells and programming languages.</summary>
internal static class Quoting
{
    /// <summary>Quotes a word for a POSIX shell. Inside single quotes only the single quote itself is special.</summary>
    public static string ForShell(string text) => $"'{text.Replace("'", "'\\''")}'";

    /// <summary>
    /// Writes a double-quoted string with the escapes that Python, JavaScript and C# share. Non-ASCII characters are not escaped, because
    /// Python reads surrogate pair escapes differently.
    /// </summary>
    public static string ForPrograms(string text)
    {
        var quoted = new StringBuilder("\"", text.Length + 2);
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                // Invisible characters, and line terminators in at least one of the languages.
                _ when char.IsControl(c) || c is '\u2028' or '\u2029' or '\ufeff' => quoted.Append($"\\u{(int)c:x4}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }
}
