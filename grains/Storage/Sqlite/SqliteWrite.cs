using Microsoft.Data.Sqlite;

namespace DeployCard.Storage.Sqlite;

/// <summary>A queued write. Its caller may cancel it until the writer claims it.</summary>
internal sealed class SqliteWrite(string text, SqliteParameterCollection parameters)
{
    private readonly TaskCompletionSource<SqliteRows> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SqliteRows? rows;
    private Exception? error;
    private int claimed;

    public string Text => text;

    public SqliteParameterCollection Parameters => parameters;

    public Task<SqliteRows> Outcome => outcome.Task;

    /// <summary>Claims the write for execution or for cancellation. Only the first call returns true.</summary>
    public bool TryClaim() => Interlocked.Exchange(ref claimed, 1) == 0;

    /// <summary>
    /// Cancels the write on behalf of its caller. Has no effect once the writer has claimed the write; the caller gets its outcome.
    /// </summary>
    public void Cancel(CancellationToken cancellationToken)
    {
        if (TryClaim())
            outcome.TrySetCanceled(cancellationToken);
    }

    /// <summary>Records the result of the write; the caller gets it after the commit.</summary>
    public void SetRows(SqliteRows rows) => this.rows = rows;

    /// <summary>Records that only this write of the group failed; the caller gets the error after the commit.</summary>
    public void SetError(Exception error) => this.error = error;

    /// <summary>Completes the write after the commit of its group: with its result, or with the error of this write.</summary>
    public void Complete()
    {
        if (error is not null)
            outcome.TrySetException(error);
        else
            outcome.TrySetResult(rows!);
    }

    /// <summary>Completes the write with an error because its group was not stored.</summary>
    public void Fail(Exception error) => outcome.TrySetException(this.error ?? error);
}
