using System.Data;
using Microsoft.Data.Sqlite;

namespace DeployCard.Storage.Sqlite;

/// <summary>
/// ADO.NET connection that only creates commands and opens nothing. It derives from <see cref="SqliteConnection"/> because Orleans checks
/// that the connections of a data source have the type of its provider.
/// </summary>
internal sealed class SqliteGroupConnection(SqliteDataSource source) : SqliteConnection
{
    public override void Open() { }

    public override SqliteCommand CreateCommand() => new SqliteGroupCommand(source);

    public override SqliteTransaction BeginTransaction(IsolationLevel isolationLevel, bool deferred) =>
        throw new NotSupportedException("A transaction cannot span commands: put its statements into one command text, which is atomic.");
}
