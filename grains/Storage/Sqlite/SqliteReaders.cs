using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace DeployCard.Grains.Storage.Sqlite;

/// <summary>
/// Connections to read on, a bounded number. Reads run on threads of the pool: SQLite blocks its caller, and a grain's scheduler must not wait
/// for a disk.
/// </summary>
internal sealed class SqliteReaders(SqliteStorageOptions options) : IAsyncDisposable
{
    private readonly SemaphoreSlim places = new(options.MaxConcurrentReads);
    private readonly ConcurrentBag<SqliteSession> idle = [];
    private volatile bool isClosed;

    /// <summary>The rows of a command that only reads; null, without having run it, when it would write.</summary>
    public async Task<SqliteRows?> TryRead(string text, SqliteParameterCollection parameters, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => ReadOn(text, parameters, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            places.Release();
        }
    }

    /// <summary>Takes no more, waits for those under way, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (isClosed)
            return;
        isClosed = true;
        for (var i = 0; i < options.MaxConcurrentReads; i++)
            await places.WaitAsync().ConfigureAwait(false);
        while (idle.TryTake(out var session))
            session.Dispose();
        places.Release(options.MaxConcurrentReads);
    }

    private SqliteRows? ReadOn(string text, SqliteParameterCollection parameters, CancellationToken cancellationToken)
    {
        if (isClosed)
            throw SqliteDataSource.Closed(options.Path);
        if (!idle.TryTake(out var session))
            session = SqliteSession.Open(options.Path, options.BusyTimeout, "PRAGMA query_only=1");
        try
        {
            var program = session.Prepare(text);
            return program.IsRead ? session.Run(program, parameters, cancellationToken) : null;
        }
        finally
        {
            idle.Add(session);
        }
    }
}
