namespace DeployCard.Grains.Storage.Sqlite;

/// <summary>The rows of a command, read to their end: no reader holds a snapshot or a connection while its caller thinks.</summary>
/// <param name="Columns">The names of the columns.</param>
/// <param name="Rows">The values, row by row.</param>
internal sealed record SqliteRows(string[] Columns, IReadOnlyList<object[]> Rows)
{
    public static SqliteRows None { get; } = new([], []);

    /// <summary>How many rows it changed; -1 when it only reads.</summary>
    public int Affected { get; init; } = -1;
}
