using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace DeployCard.Grains.Storage.Sqlite;

/// <summary>A prepared command text: one statement or several. All are prepared before the first one runs.</summary>
internal sealed class SqliteProgram : IDisposable
{
    private readonly List<SqliteStatement> statements = [];

    private SqliteProgram() { }

    /// <summary>Whether it leaves the database as it is. The library itself says so, statement by statement: a prefix would be a guess.</summary>
    public bool IsRead => statements.TrueForAll(statement => statement.IsReadOnly);

    public static SqliteProgram Prepare(sqlite3 database, string text)
    {
        var program = new SqliteProgram();
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

    /// <summary>Runs every statement to its end; the rows are those of the last statement that has columns.</summary>
    public SqliteRows Run(sqlite3 database, SqliteParameterCollection parameters)
    {
        var (rows, affected) = (SqliteRows.None, 0);
        foreach (var statement in statements)
        {
            rows = statement.Run(database, parameters) ?? rows;
            affected += statement.IsReadOnly ? 0 : raw.sqlite3_changes(database);
        }
        return rows with { Affected = IsRead ? -1 : affected };
    }

    public void Dispose() => statements.ForEach(statement => statement.Dispose());

    private void Add(sqlite3 database, string text)
    {
        var rest = text;
        while (!string.IsNullOrWhiteSpace(rest))
        {
            database.ThrowIfFailed(raw.sqlite3_prepare_v3(database, rest, raw.SQLITE_PREPARE_PERSISTENT, out var handle, out rest));
            // A comment at the end prepares to nothing.
            if (!handle.IsInvalid)
                statements.Add(new(handle));
        }
        if (statements.Count == 0)
            throw new ArgumentException("The command has no statement.", nameof(text));
        if (statements.Exists(statement => statement.IsControl))
            throw new NotSupportedException(
                "A command cannot begin, end or divide a transaction: put its statements into one command text, which is atomic."
            );
    }
}
