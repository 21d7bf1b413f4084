using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace DeployCard.Storage.Sqlite;

/// <summary>
/// Bounded pool of read-only connections. Reads run on thread pool threads, because SQLite blocks its caller and a grain's scheduler must
/// not wait for the disk.
/// </summary>
internal sealed class SqliteReadPool(SqliteStorageOptions options) : IAsyncDisposable
{
    private readonly SemaphoreSlim slots = new(options.MaxConcurrentReads);
    private readonly ConcurrentBag<SqliteSession> idle = [];
    private volatile bool isClosed;

    /// <summary>Runs a command that only reads and returns its rows; returns null without running the command if it writes.</summary>
    public async Task<SqliteRows?> TryRead(string text, SqliteParameterCollection parameters, CancellationToken cancellationToken)
    {
        await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => ReadOnConnection(text, parameters, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            slots.Release();
        }
    }

    /// <summary>Rejects new reads, waits for the running ones and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (isClosed)
            return;
        isClosed = true;
        for (var i = 0; i < options.MaxConcurrentReads; i++)
            await slots.WaitAsync().ConfigureAwait(false);
        while (idle.TryTake(out var session))
            session.Dispose();
        slots.Release(options.MaxConcurrentReads);
    }

    private SqliteRows? ReadOnConnection(string text, SqliteParameterCollection parameters, CancellationToken cancellationToken)
    {
        if (isClosed)
            throw SqliteDataSource.CreateClosedException(options.Path);
        if (!idle.TryTake(out var session))
            session = SqliteSession.Open(options.Path, options.BusyTimeout, "PRAGMA query_only=1");
        try
        {
            var program = session.Prepare(text);
            return program.IsReadOnly ? session.Run(program, parameters, cancellationToken) : null;
        }
        finally
        {
            idle.Add(session);
        }
    }
}
