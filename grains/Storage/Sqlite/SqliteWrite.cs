using Microsoft.Data.Sqlite;

namespace DeployCard.Grains.Storage.Sqlite;

/// <summary>A write on its way through the queue. Its caller may take it back until the writer takes it up.</summary>
internal sealed class SqliteWrite(string text, SqliteParameterCollection parameters)
{
    private readonly TaskCompletionSource<SqliteRows> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SqliteRows? rows;
    private Exception? error;
    private int isTaken;

    public string Text => text;

    public SqliteParameterCollection Parameters => parameters;

    public Task<SqliteRows> Outcome => outcome.Task;

    /// <summary>True once, for the writer or for the caller who takes it back.</summary>
    public bool TryTake() => Interlocked.Exchange(ref isTaken, 1) == 0;

    /// <summary>The caller no longer wants it. Too late once it is under way: its outcome is then told as it is.</summary>
    public void TakeBack(CancellationToken cancellationToken)
    {
        if (TryTake())
            outcome.TrySetCanceled(cancellationToken);
    }

    /// <summary>It ran; told to its caller with the commit.</summary>
    public void Ran(SqliteRows rows) => this.rows = rows;

    /// <summary>It failed alone; told to its caller with the commit of the others.</summary>
    public void FailedAlone(Exception error) => this.error = error;

    /// <summary>The group that it was in is on the disk.</summary>
    public void Committed()
    {
        if (error is not null)
            outcome.TrySetException(error);
        else
            outcome.TrySetResult(rows!);
    }

    /// <summary>Nothing of the group that it was in was kept.</summary>
    public void GroupFailed(Exception error) => outcome.TrySetException(this.error ?? error);
}
