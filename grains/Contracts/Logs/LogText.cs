using System.Text;
using System.Text.RegularExpressions;
using DeployCard.Contracts.Runtimes;

namespace DeployCard.Contracts.Logs;

/// <summary>
/// Formats log lines as plain text, one line each: time (UTC), pod, <c>err</c> or <c>sys</c> unless the line is from standard output,
/// and the text without ANSI escape sequences.
/// </summary>
public static partial class LogText
{
    /// <summary>Returns the lines as text. Each line ends with LF.</summary>
    public static string Format(IReadOnlyList<LogLine> lines)
    {
        var text = new StringBuilder();
        foreach (var line in lines)
            text.Append($"{line.At:yyyy-MM-ddTHH:mm:ss.fffZ} {line.Pod}{Mark(line.Stream)} {Escapes().Replace(line.Text, "")}\n");
        return text.ToString();
    }

    private static string Mark(LogStream stream) =>
        stream switch
        {
            LogStream.Stderr => " err",
            LogStream.System => " sys",
            _ => "",
        };

    /// <summary>
    /// Matches terminal control sequences (ECMA-48, section 5.4), including operating system commands with their text, such as links
    /// and titles (section 8.3.89).
    /// </summary>
    [GeneratedRegex(@"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x1b\u2407]*(?:\x1b\\|\u2407)?|[@-Z\\-_])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Escapes();
}
