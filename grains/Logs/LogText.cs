using System.Text;
using System.Text.RegularExpressions;
using DeployCard.Grains.Runtimes;

namespace DeployCard.Grains.Logs;

/// <summary>Log lines as plain text, one each: time (UTC), pod, <c>err</c> or <c>sys</c> where it is not standard output, and the line without its colours.</summary>
public static partial class LogText
{
    /// <summary>The lines, each with its end.</summary>
    public static string Of(IReadOnlyList<LogLine> lines)
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

    /// <summary>Control sequences of terminals (ECMA-48, section 5.4), and what an operating system command says (section 8.3.89), as links and titles.</summary>
    [GeneratedRegex(@"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x1b\u2407]*(?:\x1b\\|\u2407)?|[@-Z\\-_])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Escapes();
}
