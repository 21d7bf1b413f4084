using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace DeployCard.Grains.Storage.Sqlite;

/// <summary>
/// The one who writes: a thread that takes whatever waits, runs it in one transaction and tells every caller once that is on the disk.
/// Waiting for the disk is what a write costs, and so a hundred cost little more than one.
/// </summary>
internal sealed partial class SqliteWriter : IDisposable
{
    private readonly Channel<SqliteWrite> queue;
    private readonly List<SqliteWrite> group = [];
    private readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SqliteStorageOptions options;
    private readonly ILogger logger;
    private readonly StorageHealth health;
    private SqliteSession? session;

    public SqliteWriter(SqliteStorageOptions options, ILogger logger)
    {
        (this.options, this.logger, health) = (options, logger, new(options.Path, TimeProvider.System, logger));
        queue = Channel.CreateBounded<SqliteWrite>(new BoundedChannelOptions(options.MaxQueuedWrites) { SingleReader = true });
        session = OpenSession();
        new Thread(Work) { IsBackground = true, Name = "sqlite-writer" }.Start();
    }

    /// <summary>Runs a command in the next group. When it returns, the outcome is on the disk; when it is canceled, nothing was written.</summary>
    public async Task<SqliteRows> Write(string text, SqliteParameterCollection parameters, CancellationToken cancellationToken)
    {
        var write = new SqliteWrite(text, parameters);
        try
        {
            await queue.Writer.WriteAsync(write, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw SqliteDataSource.Closed(options.Path);
        }
        await using var _ = cancellationToken
            .UnsafeRegister(static (write, token) => ((SqliteWrite)write!).TakeBack(token), write)
            .ConfigureAwait(false);
        return await write.Outcome.ConfigureAwait(false);
    }

    /// <summary>Takes no more, and returns when everything that was taken is on the disk.</summary>
    public Task Drain()
    {
        queue.Writer.TryComplete();
        return drained.Task;
    }

    /// <summary>After <see cref="Drain"/>, and when nobody reads any more: leaves one file, without a log beside it.</summary>
    public void Dispose() => session?.Dispose();

    private SqliteSession OpenSession() =>
        SqliteSession.Open(
            options.Path,
            options.BusyTimeout,
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32768; PRAGMA temp_store=MEMORY"
        );

    private void Work()
    {
        while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            TakeGroup();
            if (group.Count > 0)
                RunGroup();
        }
        drained.SetResult();
    }

    private void TakeGroup()
    {
        group.Clear();
        while (group.Count < options.MaxWritesPerCommit && queue.Reader.TryRead(out var write))
        {
            if (write.TryTake())
                group.Add(write);
        }
    }

    private void RunGroup()
    {
        try
        {
            session ??= OpenSession();
            session.ExecutePrepared("BEGIN IMMEDIATE");
            foreach (var write in group)
                RunOne(session, write);
            session.ExecutePrepared("COMMIT");
            health.Worked();
        }
        catch (Exception e)
        {
            health.Failed(e);
            var level = StorageHealth.Level(e, LogLevel.Error);
            LogGroupFailed(logger, level, options.Path, group.Count, e);
            RollBack();
            group.ForEach(write => write.GroupFailed(e));
            return;
        }
        group.ForEach(write => write.Committed());
    }

    /// <summary>A savepoint around each, so that one that fails half-way takes nothing of the others with it.</summary>
    private static void RunOne(SqliteSession session, SqliteWrite write)
    {
        session.ExecutePrepared("SAVEPOINT one");
        try
        {
            write.Ran(session.Run(session.Prepare(write.Text), write.Parameters));
        }
        // A full disk and the like end the whole transaction; then the group has failed, not this one alone.
        catch (Exception e) when (session.IsInTransaction)
        {
            write.FailedAlone(e);
            session.ExecutePrepared("ROLLBACK TO one");
        }
        session.ExecutePrepared("RELEASE one");
    }

    private void RollBack()
    {
        try
        {
            if (session is { IsInTransaction: true })
                session.ExecutePrepared("ROLLBACK");
        }
        catch (Exception e) when (e is SqliteException or StorageException)
        {
            // A connection that cannot even do that is of no use any more; the next group opens another.
            LogReopens(logger, options.Path, e);
            session?.Dispose();
            session = null;
        }
    }

    [LoggerMessage(Message = "The database '{Path}' did not take a group of {Count} writes; each caller was told.")]
    private static partial void LogGroupFailed(ILogger logger, LogLevel level, string path, int count, Exception error);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The connection to the database '{Path}' is given up; the next write opens another."
    )]
    private static partial void LogReopens(ILogger logger, string path, Exception error);
}
