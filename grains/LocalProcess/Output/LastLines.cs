using DeployCard.Contracts.Runtimes;

namespace DeployCard.LocalProcess.Output;

/// <summary>
/// The last 20 lines of a program in order of arrival, each truncated to 1,000 characters, because every observation of a failed pod
/// contains them. The last 10 lines of each stream are never displaced by the other stream. The order in which the two streams are read
/// is arbitrary, and the other stream must not displace the reason of a crash.
/// </summary>
internal sealed class LastLines
{
    /// <summary>Maximum number of lines kept.</summary>
    public const int MaxLines = 20;

    private const int ReservedPerStream = 10;
    private const int MaxLineLength = 1000;

    private readonly List<(LogStream From, string Line)> lines = new(MaxLines + 1);

    // Number of lines of each stream, by LogStream.
    private readonly int[] counts = new int[Enum.GetValues<LogStream>().Length];

    public void Add(LogStream from, string line)
    {
        lines.Add((from, Shorten(line)));
        counts[(int)from]++;
        if (lines.Count > MaxLines)
        {
            var oldest = lines.FindIndex(line => counts[(int)line.From] > ReservedPerStream);
            counts[(int)lines[oldest].From]--;
            lines.RemoveAt(oldest);
        }
    }

    public IReadOnlyList<string> ToList() => [.. lines.Select(line => line.Line)];

    /// <summary>
    /// Returns the line that most likely explains a failure: the last non-empty line of standard error, otherwise the last non-empty line
    /// of any stream; null if all lines are empty.
    /// </summary>
    public string? FindLikelyError() =>
        lines.FindLast(line => line.From == LogStream.Stderr && line.Line.Length > 0).Line
        ?? lines.FindLast(line => line.Line.Length > 0).Line;

    private static string Shorten(string line)
    {
        if (line.Length <= MaxLineLength)
            return line;

        var end = char.IsHighSurrogate(line[MaxLineLength - 1]) ? MaxLineLength - 1 : MaxLineLength;
        return $"{line[..end]}…";
    }
}
