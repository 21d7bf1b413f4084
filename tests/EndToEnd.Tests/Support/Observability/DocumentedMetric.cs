namespace DeployCard.EndToEnd.Tests.Support.Observability;

/// <summary>One line of the table in <c>docs/observability.md</c>.</summary>
internal sealed record DocumentedMetric(string Name, string Type, IReadOnlyList<string> Labels)
{
    /// <summary>The table.</summary>
    public static IReadOnlyList<DocumentedMetric> All { get; } =
    [
        .. from line in File.ReadLines(Path.Combine(Built.Solution, "docs", "observability.md"))
        where line.StartsWith("| `deploycard_", StringComparison.Ordinal)
        let cells = line.Split('|', StringSplitOptions.TrimEntries)
        select new DocumentedMetric(
            cells[1].Trim('`'),
            cells[2],
            [
                .. cells[4]
                    .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    .Select(label => label.Trim('`')),
            ]
        ),
    ];
}
