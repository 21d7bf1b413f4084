using System.Text;

namespace DeployCard.GraphQL.ApiTests.Snippets;

/// <summary>Writes text as literals of programs.</summary>
internal static class Quoting
{
    /// <summary>A word for a POSIX shell: between apostrophes nothing has a meaning but the apostrophe.</summary>
    public static string ForShell(string text) => $"'{text.Replace("'", "'\\''")}'";

    /// <summary>
    /// A string in double quotes with the escapes that Python, JavaScript and C# have in common. Other than ASCII stands as it is: escapes of
    /// what needs two code units mean something else in Python.
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
                // Invisible, or an end of a line to one of them.
                _ when char.IsControl(c) || c is '\u2028' or '\u2029' or '\ufeff' => quoted.Append($"\\u{(int)c:x4}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }
}
