namespace DeployCard.Grains.Runtimes.LocalProcess.Output;

/// <summary>
/// The last 20 lines of a program, in the order of their arrival, none longer than 1,000 characters: they travel with every observation of a failed
/// pod. The last 10 of each stream are safe from the other: which of the two is read first is chance, and the reason of a crash must not drown.
/// </summary>
internal sealed class LastLines
{
    /// <summary>How many.</summary>
    public const int Kept = 20;

    private const int Safe = 10;
    private const int Longest = 1000;

    private readonly List<(LogStream From, string Line)> lines = new(Kept + 1);

    // How many of each stream.
    private readonly int[] counts = new int[Enum.GetValues<LogStream>().Length];

    public void Add(LogStream from, string line)
    {
        lines.Add((from, Shorten(line)));
        counts[(int)from]++;
        if (lines.Count > Kept)
        {
            var oldest = lines.FindIndex(line => counts[(int)line.From] > Safe);
            counts[(int)lines[oldest].From]--;
            lines.RemoveAt(oldest);
        }
    }

    public IReadOnlyList<string> ToList() => [.. lines.Select(line => line.Line)];

    /// <summary>The line that most likely says why the program failed: the last of standard error, else the last there is; null for none.</summary>
    public string? Complaint() =>
        lines.FindLast(line => line.From == LogStream.Stderr && line.Line.Length > 0).Line
        ?? lines.FindLast(line => line.Line.Length > 0).Line;

    private static string Shorten(string line)
    {
        if (line.Length <= Longest)
            return line;

        var end = char.IsHighSurrogate(line[Longest - 1]) ? Longest - 1 : Longest;
        return $"{line[..end]}…";
    }
}
