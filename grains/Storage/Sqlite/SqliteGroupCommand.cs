using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace DeployCard.Grains.Storage.Sqlite;

/// <summary>A command that a <see cref="SqliteDataSource"/> runs.</summary>
internal sealed class SqliteGroupCommand(SqliteDataSource source) : SqliteCommand
{
    public override async Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken) => (await Run(cancellationToken)).Affected;

    public override async Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken) =>
        await Run(cancellationToken) is { Rows: [[var first, ..], ..] } ? first : null;

    protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken) =>
        new SqliteRowReader(await Run(cancellationToken));

    public override void Prepare() { }

    public override int ExecuteNonQuery() => throw Blocking();

    public override object ExecuteScalar() => throw Blocking();

    public override SqliteDataReader ExecuteReader(CommandBehavior behavior) => throw Blocking();

    private Task<SqliteRows> Run(CancellationToken cancellationToken) => source.Run(CommandText, Parameters, cancellationToken);

    private static NotSupportedException Blocking() =>
        new("Waiting for the disk would block a grain's scheduler: call the asynchronous method.");
}
