namespace DeployCard.Repository.Tests.Prose;

/// <summary>A piece of text that people read.</summary>
/// <param name="Path">The file, relative to the root of the repository.</param>
/// <param name="Line">The line number in the file, starting at 1.</param>
/// <param name="Text">The text without markup and code.</param>
/// <param name="Kind">Where the text appears.</param>
internal sealed record ProseFragment(string Path, int Line, string Text, ProseKind Kind)
{
    /// <summary>The number of words in the text.</summary>
    public int Words => Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;

    public override string ToString() => $"{Path}:{Line}: {Text}";
}

/// <summary>Where a text appears.</summary>
internal enum ProseKind
{
    /// <summary>A Markdown page.</summary>
    Markdown,

    /// <summary>An XML documentation comment of C#.</summary>
    Documentation,

    /// <summary>A comment of C# or YAML.</summary>
    Comment,

    /// <summary>A string that a log, an error, an event or a description shows.</summary>
    Message,

    /// <summary>The name of a test.</summary>
    TestName,
}
