using System.Threading.Channels;
using DeployCard.Contracts.Storage;
using Microsoft.Data.Sqlite;

namespace DeployCard.Storage.Sqlite;

/// <summary>
/// Runs all writes on one thread. The thread dequeues the waiting writes, runs them in one transaction and completes each caller's task
/// when the commit is on disk. Waiting for the disk dominates the cost of a commit, so a hundred writes cost little more than one.
/// </summary>
internal sealed partial class SqliteWriter : IDisposable
{
    private readonly Channel<SqliteWrite> queue;
    private readonly List<SqliteWrite> group = [];
    private readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SqliteStorageOptions options;
    private readonly ILogger logger;
    private readonly StorageOutageTracker outages;
    private SqliteSession? session;

    public SqliteWriter(SqliteStorageOptions options, ILogger logger)
    {
        (this.options, this.logger, outages) = (options, logger, new(options.Path, TimeProvider.System, logger));
        queue = Channel.CreateBounded<SqliteWrite>(new BoundedChannelOptions(options.MaxQueuedWrites) { SingleReader = true });
        session = OpenSession();
        new Thread(RunLoop) { IsBackground = true, Name = "sqlite-writer" }.Start();
    }

    /// <summary>
    /// Runs a command in the next group. When the task completes, the write is on disk; if the task is canceled, nothing was written.
    /// </summary>
    public async Task<SqliteRows> Write(string text, SqliteParameterCollection parameters, CancellationToken cancellationToken)
    {
        var write = new SqliteWrite(text, parameters);
        try
        {
            await queue.Writer.WriteAsync(write, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw SqliteDataSource.CreateClosedException(options.Path);
        }
        await using var _ = cancellationToken
            .UnsafeRegister(static (write, token) => ((SqliteWrite)write!).Cancel(token), write)
            .ConfigureAwait(false);
        return await write.Outcome.ConfigureAwait(false);
    }

    /// <summary>Rejects new writes and completes when all accepted writes are on disk.</summary>
    public Task Drain()
    {
        queue.Writer.TryComplete();
        return drained.Task;
    }

    /// <summary>
    /// Closes the connection. Call it after <see cref="Drain"/> and after all readers are closed, so that SQLite removes the write-ahead
    /// log.
    /// </summary>
    public void Dispose() => session?.Dispose();

    private SqliteSession OpenSession() =>
        SqliteSession.Open(
            options.Path,
            options.BusyTimeout,
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32768; PRAGMA temp_store=MEMORY"
        );

    private void RunLoop()
    {
        while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            DequeueGroup();
            if (group.Count > 0)
                RunGroup();
        }
        drained.SetResult();
    }

    private void DequeueGroup()
    {
        group.Clear();
        while (group.Count < options.MaxWritesPerCommit && queue.Reader.TryRead(out var write))
        {
            if (write.TryClaim())
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
                RunInSavepoint(session, write);
            session.ExecutePrepared("COMMIT");
            outages.RecordSuccess();
        }
        catch (Exception e)
        {
            outages.RecordFailure(e);
            var level = StorageOutageTracker.LogLevelFor(e, LogLevel.Error);
            LogGroupFailed(logger, level, options.Path, group.Count, e);
            RollBack();
            group.ForEach(write => write.Fail(e));
            return;
        }
        group.ForEach(write => write.Complete());
    }

    /// <summary>Runs one write in a savepoint, so that its failure does not affect the other writes of the group.</summary>
    private static void RunInSavepoint(SqliteSession session, SqliteWrite write)
    {
        session.ExecutePrepared("SAVEPOINT one");
        try
        {
            write.SetRows(session.Run(session.Prepare(write.Text), write.Parameters));
        }
        // A full disk and similar errors end the whole transaction; then the exception fails the whole group.
        catch (Exception e) when (session.IsInTransaction)
        {
            write.SetError(e);
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
            // A connection that cannot roll back is unusable. The next group opens a new one.
            LogConnectionDiscarded(logger, options.Path, e);
            session?.Dispose();
            session = null;
        }
    }

    [LoggerMessage(Message = "Committing a group of {Count} writes to database '{Path}' failed; each caller gets the error")]
    private static partial void LogGroupFailed(ILogger logger, LogLevel level, string path, int count, Exception error);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Rolling back on database '{Path}' failed; the connection is discarded and the next write opens a new one"
    )]
    private static partial void LogConnectionDiscarded(ILogger logger, string path, Exception error);
}
