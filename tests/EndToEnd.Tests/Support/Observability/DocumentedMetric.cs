namespace DeployCard.EndToEnd.Tests.Support.Observability;

/// <summary>One row of the table of metrics in <c>docs/metrics.md</c>.</summary>
internal sealed record DocumentedMetric(string Name, string Type, IReadOnlyList<string> Labels, string Description)
{
    /// <summary>All rows of the table.</summary>
    public static IReadOnlyList<DocumentedMetric> All { get; } =
    [
        .. from line in File.ReadLines(Path.Combine(BuildOutput.Solution, "docs", "metrics.md"))
        where line.StartsWith("| `deploycard_", StringComparison.Ordinal)
        let cells = line.Split('|', StringSplitOptions.TrimEntries)
        // Rows of the table of labels have fewer cells.
        where cells.Length == 7
        select new DocumentedMetric(
            cells[1].Trim('`'),
            cells[2],
            [
                .. cells[4]
                    .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    .Select(label => label.Trim('`')),
            ],
            cells[5]
        ),
    ];
}
