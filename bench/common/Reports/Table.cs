using System.Text;

namespace DeployCard.Bench.Common.Reports;

/// <summary>A table that is printed as aligned text or as Markdown.</summary>
/// <param name="title">Title of the table.</param>
/// <param name="headers">Headers of the columns.</param>
internal sealed class Table(string title, params string[] headers)
{
    private readonly List<string[]> rows = [];
    private readonly List<string> notes = [];

    public void AddRow(params string[] cells) => rows.Add(cells);

    /// <summary>Adds a line below the table.</summary>
    public void AddNote(string sentence) => notes.Add(sentence);

    public string ToText()
    {
        var text = new StringBuilder().AppendLine(title);
        foreach (var row in GetPaddedRows())
            text.Append("  ").AppendLine(string.Join("  ", row).TrimEnd());
        foreach (var note in notes)
            text.Append("  ").AppendLine(note);
        return text.ToString();
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder().AppendLine($"**{title}**").AppendLine();
        var padded = GetPaddedRows();
        AppendMarkdownRow(text, padded[0]);
        AppendMarkdownRow(text, [.. padded[0].Select((cell, column) => new string('-', cell.Length - 1) + (column == 0 ? '-' : ':'))]);
        foreach (var row in padded.Skip(1))
            AppendMarkdownRow(text, row);
        if (notes.Count > 0)
            text.AppendLine();
        foreach (var note in notes)
            text.AppendLine($"- {note}");
        return text.ToString();
    }

    private static void AppendMarkdownRow(StringBuilder text, string[] row) => text.AppendLine($"| {string.Join(" | ", row)} |");

    private List<string[]> GetPaddedRows()
    {
        List<string[]> all = [headers, .. rows];
        var widths = headers.Select((_, column) => Math.Max(2, all.Max(row => row[column].Length))).ToArray();
        return
        [
            .. all.Select(row =>
                row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])).ToArray()
            ),
        ];
    }
}
