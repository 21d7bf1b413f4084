namespace DeployCard.Bench.Common.Reports;

/// <summary>Tables on the standard output, what goes on meanwhile on the error output; it remembers what must not happen.</summary>
internal sealed class Report(bool isMarkdown)
{
    private readonly List<string> failures = [];

    public bool HasFailures => failures.Count > 0;

    public void Add(Table table) => Console.WriteLine(isMarkdown ? table.ToMarkdown() : table.ToText());

    /// <summary>A wrong answer or a broken connection: what was measured counts for nothing.</summary>
    public void Fail(string what)
    {
        failures.Add(what);
        Progress($"!!! {what}");
    }

    public static void Progress(string line) => Console.Error.WriteLine(line);

    public void PrintFailures()
    {
        foreach (var failure in failures)
            Console.WriteLine($"!!! FAILED: {failure}");
    }
}
