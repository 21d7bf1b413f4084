using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace DeployCard.Storage.Sqlite;

/// <summary>A prepared command text of one or more statements. All statements are prepared before the first one runs.</summary>
internal sealed class SqlitePreparedCommand : IDisposable
{
    private readonly List<SqliteStatement> statements = [];

    private SqlitePreparedCommand() { }

    /// <summary>
    /// Whether all statements only read. SQLite reports this for each statement; checking the prefix of the text would be unreliable.
    /// </summary>
    public bool IsReadOnly => statements.TrueForAll(statement => statement.IsReadOnly);

    public static SqlitePreparedCommand Prepare(sqlite3 database, string text)
    {
        var program = new SqlitePreparedCommand();
        try
        {
            program.Add(database, text);
            return program;
        }
        catch
        {
            program.Dispose();
            throw;
        }
    }

    /// <summary>Runs every statement to completion and returns the rows of the last statement that has columns.</summary>
    public SqliteRows Run(sqlite3 database, SqliteParameterCollection parameters)
    {
        var (rows, affected) = (SqliteRows.Empty, 0);
        foreach (var statement in statements)
        {
            rows = statement.Run(database, parameters) ?? rows;
            affected += statement.IsReadOnly ? 0 : raw.sqlite3_changes(database);
        }
        return rows with { AffectedRows = IsReadOnly ? -1 : affected };
    }

    public void Dispose() => statements.ForEach(statement => statement.Dispose());

    private void Add(sqlite3 database, string text)
    {
        var rest = text;
        while (!string.IsNullOrWhiteSpace(rest))
        {
            database.ThrowIfFailed(raw.sqlite3_prepare_v3(database, rest, raw.SQLITE_PREPARE_PERSISTENT, out var handle, out rest));
            // A trailing comment results in an invalid handle instead of a statement.
            if (!handle.IsInvalid)
                statements.Add(new(handle));
        }
        if (statements.Count == 0)
            throw new ArgumentException("The command text contains no statement.", nameof(text));
        if (statements.Exists(statement => statement.IsTransactionControl))
            throw new NotSupportedException(
                "A command cannot contain transaction or savepoint statements: put all statements into one command text, which is atomic."
            );
    }
}
