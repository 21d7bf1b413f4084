using DeployCard.Contracts.Storage;
using DeployCard.Storage.Sql;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace DeployCard.Storage.Sqlite;

/// <summary>A connection with a cache of its prepared commands. Not thread-safe.</summary>
internal sealed class SqliteSession : IDisposable
{
    private const int MaxPreparedCommands = 128;
    private const int StepsBetweenChecks = 10_000;
    private static readonly SqliteParameterCollection NoParameters = new SqliteCommand().Parameters;
    private readonly SqliteConnection connection;
    private readonly Dictionary<string, LinkedListNode<(string Text, SqlitePreparedCommand Program)>> commands = [];
    private readonly Dictionary<string, SqliteStatement> controlStatements = [];
    private readonly LinkedList<(string Text, SqlitePreparedCommand Program)> recentFirst = [];

    private SqliteSession(SqliteConnection connection) => this.connection = connection;

    private sqlite3 Database => connection.Handle!;

    /// <summary>Whether a transaction is open. SQLite rolls it back automatically after some failures.</summary>
    public bool IsInTransaction => raw.sqlite3_get_autocommit(Database) == 0;

    /// <summary>Opens a connection to an existing database and runs the given pragmas on it.</summary>
    /// <exception cref="StorageException">The database cannot be opened.</exception>
    public static SqliteSession Open(string path, TimeSpan busyTimeout, string pragmas)
    {
        var opened = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = SqliteOpenMode.ReadWrite,
                Pooling = false,
            }.ToString()
        );
        var session = new SqliteSession(opened);
        try
        {
            opened.Open();
            // The built-in lower() folds only ASCII, but titles may be in any language.
            opened.CreateFunction("lower", (string? text) => text is null ? null : LikePattern.FoldCase(text), isDeterministic: true);
            session.Execute($"PRAGMA busy_timeout={(long)busyTimeout.TotalMilliseconds}; {pragmas}");
            return session;
        }
        catch (SqliteException e)
        {
            session.Dispose();
            throw SqliteErrors.Translate(e, path);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Runs statements that have neither parameters nor rows, such as pragmas.</summary>
    public void Execute(string text) => Database.ThrowIfFailed(raw.sqlite3_exec(Database, text));

    /// <summary>
    /// Runs one statement as <see cref="Execute"/> does, but prepares it only once: for the transaction and savepoint statements of every
    /// write.
    /// </summary>
    public void ExecutePrepared(string text)
    {
        if (!controlStatements.TryGetValue(text, out var statement))
        {
            Database.ThrowIfFailed(raw.sqlite3_prepare_v3(Database, text, raw.SQLITE_PREPARE_PERSISTENT, out var handle));
            controlStatements[text] = statement = new(handle);
        }
        statement.Run(Database, NoParameters);
    }

    public SqliteRows Run(SqlitePreparedCommand program, SqliteParameterCollection parameters) => program.Run(Database, parameters);

    /// <summary>
    /// Runs a command as <see cref="Run(SqlitePreparedCommand, SqliteParameterCollection)"/> does, and aborts it if the token is canceled.
    /// </summary>
    public SqliteRows Run(SqlitePreparedCommand program, SqliteParameterCollection parameters, CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled)
            return Run(program, parameters);
        // SQLite calls this handler while it runs. sqlite3_interrupt would have no effect on a statement that has not started yet.
        raw.sqlite3_progress_handler(Database, StepsBetweenChecks, _ => cancellationToken.IsCancellationRequested ? 1 : 0, null);
        try
        {
            return Run(program, parameters);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            raw.sqlite3_progress_handler(Database, 0, null, null);
        }
    }

    /// <summary>Returns the prepared command of a text. The 128 most recently used commands are cached.</summary>
    public SqlitePreparedCommand Prepare(string text)
    {
        if (commands.TryGetValue(text, out var known))
        {
            recentFirst.Remove(known);
            recentFirst.AddFirst(known);
            return known.Value.Program;
        }
        if (commands.Count == MaxPreparedCommands)
            Evict(recentFirst.Last!);
        var program = SqlitePreparedCommand.Prepare(Database, text);
        commands[text] = recentFirst.AddFirst((text, program));
        return program;
    }

    public void Dispose()
    {
        while (recentFirst.Last is { } last)
            Evict(last);
        foreach (var statement in controlStatements.Values)
            statement.Dispose();
        connection.Dispose();
    }

    private void Evict(LinkedListNode<(string Text, SqlitePreparedCommand Program)> node)
    {
        recentFirst.Remove(node);
        commands.Remove(node.Value.Text);
        node.Value.Program.Dispose();
    }
}
