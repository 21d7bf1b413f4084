namespace DeployCard.Storage.Sqlite;

/// <summary>
/// All rows of a command, in memory. The rows are read completely before they are returned, so a slow caller holds no snapshot or
/// connection.
/// </summary>
/// <param name="Columns">Names of the result columns.</param>
/// <param name="Rows">Column values of each row.</param>
internal sealed record SqliteRows(string[] Columns, IReadOnlyList<object[]> Rows)
{
    public static SqliteRows Empty { get; } = new([], []);

    /// <summary>Number of rows that the command changed; -1 if the command only reads.</summary>
    public int AffectedRows { get; init; } = -1;
}
