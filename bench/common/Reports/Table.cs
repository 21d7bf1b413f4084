using System.Text;

namespace DeployCard.Bench.Common.Reports;

/// <summary>A table for people: in columns, or in Markdown.</summary>
internal sealed class Table(string title, params string[] head)
{
    private readonly List<string[]> rows = [];
    private readonly List<string> notes = [];

    public void Add(params string[] cells) => rows.Add(cells);

    /// <summary>A sentence below it.</summary>
    public void Note(string sentence) => notes.Add(sentence);

    public string ToText()
    {
        var text = new StringBuilder().AppendLine(title);
        foreach (var row in Padded())
            text.Append("  ").AppendLine(string.Join("  ", row).TrimEnd());
        foreach (var note in notes)
            text.Append("  ").AppendLine(note);
        return text.ToString();
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder().AppendLine($"**{title}**").AppendLine();
        var padded = Padded();
        AddRow(text, padded[0]);
        AddRow(text, [.. padded[0].Select((cell, column) => new string('-', cell.Length - 1) + (column == 0 ? '-' : ':'))]);
        foreach (var row in padded.Skip(1))
            AddRow(text, row);
        if (notes.Count > 0)
            text.AppendLine();
        foreach (var note in notes)
            text.AppendLine($"- {note}");
        return text.ToString();
    }

    private static void AddRow(StringBuilder text, string[] row) => text.AppendLine($"| {string.Join(" | ", row)} |");

    private List<string[]> Padded()
    {
        List<string[]> all = [head, .. rows];
        var widths = head.Select((_, column) => Math.Max(2, all.Max(row => row[column].Length))).ToArray();
        return
        [
            .. all.Select(row =>
                row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])).ToArray()
            ),
        ];
    }
}
