using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace DeployCard.Grains.Storage.Sqlite;

/// <summary>One connection with its prepared commands. Not for two threads at once.</summary>
internal sealed class SqliteSession : IDisposable
{
    private const int MostPrograms = 128;
    private const int StepsBetweenAsking = 10_000;
    private static readonly SqliteParameterCollection NoParameters = new SqliteCommand().Parameters;
    private readonly SqliteConnection connection;
    private readonly Dictionary<string, LinkedListNode<(string Text, SqliteProgram Program)>> programs = [];
    private readonly Dictionary<string, SqliteStatement> own = [];
    private readonly LinkedList<(string Text, SqliteProgram Program)> byUse = [];

    private SqliteSession(SqliteConnection connection) => this.connection = connection;

    private sqlite3 Database => connection.Handle!;

    /// <summary>Whether a transaction is open. SQLite ends it by itself after some failures.</summary>
    public bool IsInTransaction => raw.sqlite3_get_autocommit(Database) == 0;

    /// <summary>Opens a database that exists.</summary>
    /// <exception cref="StorageException">It cannot be opened.</exception>
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
            // The library's own lower() knows ASCII only, and titles are in every language.
            opened.CreateFunction("lower", (string? text) => text is null ? null : LikePattern.Fold(text), isDeterministic: true);
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
        if (!own.TryGetValue(text, out var statement))
        {
            Database.ThrowIfFailed(raw.sqlite3_prepare_v3(Database, text, raw.SQLITE_PREPARE_PERSISTENT, out var handle));
            own[text] = statement = new(handle);
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
        if (programs.TryGetValue(text, out var known))
        {
            byUse.Remove(known);
            byUse.AddFirst(known);
            return known.Value.Program;
        }
        if (programs.Count == MostPrograms)
            Forget(byUse.Last!);
        var program = SqliteProgram.Prepare(Database, text);
        programs[text] = byUse.AddFirst((text, program));
        return program;
    }

    public void Dispose()
    {
        while (byUse.Last is { } last)
            Forget(last);
        foreach (var statement in own.Values)
            statement.Dispose();
        connection.Dispose();
    }

    private void Forget(LinkedListNode<(string Text, SqliteProgram Program)> node)
    {
        byUse.Remove(node);
        programs.Remove(node.Value.Text);
        node.Value.Program.Dispose();
    }
}
