namespace DeployCard.Bench.Common.Reports;

/// <summary>Writes tables to the standard output and progress to the standard error, and collects failures.</summary>
/// <param name="isMarkdown">Whether tables are written as Markdown; otherwise as aligned text.</param>
internal sealed class Report(bool isMarkdown)
{
    private readonly List<string> failures = [];

    public bool HasFailures => failures.Count > 0;

    public void WriteTable(Table table) => Console.WriteLine(isMarkdown ? table.ToMarkdown() : table.ToText());

    /// <summary>Records a wrong response or a failed connection, which invalidates the measurements.</summary>
    public void RecordFailure(string reason)
    {
        failures.Add(reason);
        WriteProgress($"!!! {reason}");
    }

    /// <summary>Writes a line of progress to the standard error.</summary>
    public static void WriteProgress(string line) => Console.Error.WriteLine(line);

    public void PrintFailures()
    {
        foreach (var failure in failures)
            Console.WriteLine($"!!! FAILED: {failure}");
    }
}
