using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace DeployCard.Storage.Sqlite;

/// <summary>One prepared SQL statement of a command text.</summary>
internal sealed class SqliteStatement(sqlite3_stmt handle) : IDisposable
{
    private readonly string[] parameters =
    [
        .. Enumerable.Range(1, raw.sqlite3_bind_parameter_count(handle)).Select(i => ParameterName(handle, i)),
    ];
    private readonly string[] columns =
    [
        .. Enumerable.Range(0, raw.sqlite3_column_count(handle)).Select(i => raw.sqlite3_column_name(handle, i).utf8_to_string()),
    ];

    public bool IsReadOnly { get; } = raw.sqlite3_stmt_readonly(handle) != 0;

    /// <summary>Whether the statement neither changes data nor returns rows, as <c>COMMIT</c> and <c>SAVEPOINT</c>.</summary>
    public bool IsTransactionControl => IsReadOnly && columns.Length == 0;

    /// <summary>Runs the statement to completion. Returns its rows; null if the statement has no columns.</summary>
    public SqliteRows? Run(sqlite3 database, SqliteParameterCollection parameters)
    {
        try
        {
            Bind(database, parameters);
            return Step(database);
        }
        finally
        {
            // The reset ends the read transaction; clearing the bindings releases the memory of bound bodies.
            _ = raw.sqlite3_reset(handle);
            _ = raw.sqlite3_clear_bindings(handle);
        }
    }

    public void Dispose() => handle.Dispose();

    private void Bind(sqlite3 database, SqliteParameterCollection parameters)
    {
        for (var i = 0; i < this.parameters.Length; i++)
            database.ThrowIfFailed(SqliteValue.Bind(handle, i + 1, FindValue(parameters, this.parameters[i])));
    }

    private SqliteRows? Step(sqlite3 database)
    {
        var rows = new List<object[]>();
        int code;
        while ((code = raw.sqlite3_step(handle)) == raw.SQLITE_ROW)
            rows.Add(ReadRow());
        database.ThrowIfFailed(code);
        return columns.Length == 0 ? null : new(columns, rows);
    }

    private object[] ReadRow()
    {
        var row = new object[columns.Length];
        for (var i = 0; i < row.Length; i++)
            row[i] = SqliteValue.Read(handle, i);
        return row;
    }

    private static object? FindValue(SqliteParameterCollection parameters, string name)
    {
        for (var i = 0; i < parameters.Count; i++)
        {
            if (parameters[i].ParameterName.AsSpan().TrimStart("@$:").SequenceEqual(name))
                return parameters[i].Value;
        }
        throw new InvalidOperationException($"The command uses the parameter '{name}', but no value was given for it.");
    }

    private static string ParameterName(sqlite3_stmt handle, int index) =>
        raw.sqlite3_bind_parameter_name(handle, index).utf8_to_string()?.TrimStart('@', '$', ':')
        ?? throw new NotSupportedException("Positional parameters are not supported: write @name instead of '?'.");
}
