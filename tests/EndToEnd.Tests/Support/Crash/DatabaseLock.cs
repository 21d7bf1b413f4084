using Microsoft.Data.Sqlite;

namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>A write lock that the test process holds on the silo's SQLite database, so that the silo cannot write.</summary>
internal sealed class DatabaseLock : IAsyncDisposable
{
    private readonly SqliteConnection held;

    private DatabaseLock(SqliteConnection connection) => held = connection;

    public static async Task<DatabaseLock> Acquire(SiloProcess silo, CancellationToken cancellationToken)
    {
        var connection = await Open(silo, SqliteOpenMode.ReadWrite, cancellationToken);
        await using var begin = connection.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE";
        await begin.ExecuteNonQueryAsync(cancellationToken);
        return new(connection);
    }

    /// <summary>Runs a query on the silo's database and returns the text of the first column of each row.</summary>
    public static async Task<IReadOnlyList<string>> Read(SiloProcess silo, string query, CancellationToken cancellationToken)
    {
        await using var connection = await Open(silo, SqliteOpenMode.ReadOnly, cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = query;
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<string>();
        while (await rows.ReadAsync(cancellationToken))
            found.Add(rows.GetString(0));
        return found;
    }

    /// <summary>Releases the lock. Closing the connection rolls back the transaction, which is empty.</summary>
    public ValueTask DisposeAsync() => held.DisposeAsync();

    private static async Task<SqliteConnection> Open(SiloProcess silo, SqliteOpenMode mode, CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(
            $"Data Source={Path.Combine(silo.Folder, "data", "deploycard.db")};Mode={mode};Pooling=False"
        );
        await connection.OpenAsync(cancellationToken);
        return connection;
    }
}
