using System.Data;
using Microsoft.Data.Sqlite;

namespace DeployCard.Grains.Storage.Sqlite;

/// <summary>
/// What ADO.NET calls a connection: here only a way to commands. It is a <see cref="SqliteConnection"/> because Orleans checks that a data source
/// makes the connections of its provider; it opens nothing.
/// </summary>
internal sealed class SqliteGroupConnection(SqliteDataSource source) : SqliteConnection
{
    public override void Open() { }

    public override SqliteCommand CreateCommand() => new SqliteGroupCommand(source);

    public override SqliteTransaction BeginTransaction(IsolationLevel isolationLevel, bool deferred) =>
        throw new NotSupportedException("A transaction cannot span commands: put its statements into one command text, which is atomic.");
}
