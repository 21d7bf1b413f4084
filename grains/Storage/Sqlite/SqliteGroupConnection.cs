using System.Data;
using Microsoft.Data.Sqlite;

namespace DeployCard.Grains.Storage.Sqlite;

/// <summary>
/// What ADO.NET calls a connection: here only a way to commands. It is a <see cref="SqliteConnection"/> because Orleans checks that a data source
/// makes the connections of its provider; it opens nothing.
/// </summary>
internal sealed class SqliteGroupConnection : SqliteConnection
{
    private readonly SqliteDataSource source;
    private readonly bool isMade;

    public SqliteGroupConnection(SqliteDataSource source)
    {
        this.source = source;
        isMade = true;
    }

    /// <summary>Always open, but while the base class makes itself: it refuses to be made open.</summary>
    public override ConnectionState State => isMade ? ConnectionState.Open : ConnectionState.Closed;

    public override void Open()
    {
    }

    public override void Close()
    {
    }

    public override SqliteCommand CreateCommand() => new SqliteGroupCommand(source);

    public override SqliteTransaction BeginTransaction(IsolationLevel isolationLevel, bool deferred) =>
        throw new NotSupportedException("A transaction cannot span commands: put its statements into one command text, which is atomic.");
}
