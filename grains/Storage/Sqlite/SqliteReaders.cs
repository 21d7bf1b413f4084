using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace DeployCard.Grains.Storage.Sqlite;

/// <summary>
/// Connections to read on, a bounded number. Reads run on threads of the pool: SQLite blocks its caller, and a grain's scheduler must not wait
/// for a disk.
/// </summary>
internal sealed class SqliteReaders(SqliteStorageOptions options) : IAsyncDisposable
{
    private readonly SemaphoreSlim _places = new(options.MostReads);
    private readonly ConcurrentBag<SqliteSession> _idle = [];
    private volatile bool _isClosed;

    /// <summary>The rows of a command that only reads; null, without having run it, when it would write.</summary>
    public async Task<SqliteRows?> TryRead(string text, SqliteParameterCollection parameters, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => ReadOn(text, parameters, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>Takes no more, waits for those under way, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        for (var i = 0; i < options.MostReads; i++)
            await _places.WaitAsync().ConfigureAwait(false);
        while (_idle.TryTake(out var session))
            session.Dispose();
        _places.Release(options.MostReads);
    }

    private SqliteRows? ReadOn(string text, SqliteParameterCollection parameters, CancellationToken cancellationToken)
    {
        if (_isClosed)
            throw SqliteDataSource.Closed(options.Path);
        if (!_idle.TryTake(out var session))
            session = SqliteSession.Open(options.Path, options.BusyTimeout, "PRAGMA query_only=1");
        try
        {
            var program = session.Prepare(text);
            return program.IsRead ? session.Run(program, parameters, cancellationToken) : null;
        }
        finally
        {
            _idle.Add(session);
        }
    }
}
