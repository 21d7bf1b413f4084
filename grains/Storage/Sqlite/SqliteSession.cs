using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace DeployCard.Grains.Storage.Sqlite;

/// <summary>One connection with its prepared commands. Not for two threads at once.</summary>
internal sealed class SqliteSession : IDisposable
{
    private const int MostPrograms = 128;
    private const int StepsBetweenAsking = 10_000;
    private static readonly SqliteParameterCollection NoParameters = new SqliteCommand().Parameters;
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, LinkedListNode<(string Text, SqliteProgram Program)>> _programs = [];
    private readonly Dictionary<string, SqliteStatement> _own = [];
    private readonly LinkedList<(string Text, SqliteProgram Program)> _byUse = [];

    private SqliteSession(SqliteConnection connection) => _connection = connection;

    private sqlite3 Database => _connection.Handle!;

    /// <summary>Whether a transaction is open. SQLite ends it by itself after some failures.</summary>
    public bool IsInTransaction => raw.sqlite3_get_autocommit(Database) == 0;

    /// <summary>Opens a database that exists.</summary>
    /// <exception cref="StorageException">It cannot be opened.</exception>
    public static SqliteSession Open(string path, TimeSpan busyTimeout, string pragmas)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        var session = new SqliteSession(connection);
        try
        {
            connection.Open();
            // The library's own lower() knows ASCII only, and titles are in every language.
            connection.CreateFunction("lower", (string? text) => text is null ? null : LikePattern.Fold(text), isDeterministic: true);
            session.Execute($"PRAGMA busy_timeout={(long)busyTimeout.TotalMilliseconds}; {pragmas}");
            return session;
        }
        catch (SqliteException e)
        {
            session.Dispose();
            throw SqliteErrors.Explain(e, path);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Statements of our own, without parameters and rows.</summary>
    public void Execute(string text) => Database.ThrowIfFailed(raw.sqlite3_exec(Database, text));

    /// <summary>Like <see cref="Execute"/>, prepared once: for what is said with every write.</summary>
    public void ExecutePrepared(string text)
    {
        if (!_own.TryGetValue(text, out var statement))
        {
            Database.ThrowIfFailed(raw.sqlite3_prepare_v3(Database, text, raw.SQLITE_PREPARE_PERSISTENT, out var handle));
            _own[text] = statement = new(handle);
        }
        statement.Run(Database, NoParameters);
    }

    public SqliteRows Run(SqliteProgram program, SqliteParameterCollection parameters) => program.Run(Database, parameters);

    /// <summary>Like <see cref="Run(SqliteProgram, SqliteParameterCollection)"/>, broken off when the token is canceled.</summary>
    public SqliteRows Run(SqliteProgram program, SqliteParameterCollection parameters, CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled)
            return Run(program, parameters);
        // SQLite asks while it works. To interrupt it from outside would be lost on a statement that is just about to begin.
        raw.sqlite3_progress_handler(Database, StepsBetweenAsking, _ => cancellationToken.IsCancellationRequested ? 1 : 0, null);
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

    /// <summary>The command, prepared; those used last are kept.</summary>
    public SqliteProgram Prepare(string text)
    {
        if (_programs.TryGetValue(text, out var known))
        {
            _byUse.Remove(known);
            _byUse.AddFirst(known);
            return known.Value.Program;
        }
        if (_programs.Count == MostPrograms)
            Forget(_byUse.Last!);
        var program = SqliteProgram.Prepare(Database, text);
        _programs[text] = _byUse.AddFirst((text, program));
        return program;
    }

    public void Dispose()
    {
        while (_byUse.Last is { } last)
            Forget(last);
        foreach (var statement in _own.Values)
            statement.Dispose();
        _connection.Dispose();
    }

    private void Forget(LinkedListNode<(string Text, SqliteProgram Program)> node)
    {
        _byUse.Remove(node);
        _programs.Remove(node.Value.Text);
        node.Value.Program.Dispose();
    }
}
