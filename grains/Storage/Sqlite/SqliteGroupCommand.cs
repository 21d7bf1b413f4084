using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace DeployCard.Storage.Sqlite;

/// <summary>ADO.NET command that runs on a <see cref="SqliteDataSource"/>; only its asynchronous methods are supported.</summary>
internal sealed class SqliteGroupCommand(SqliteDataSource source) : SqliteCommand
{
    public override async Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken) =>
        (await Run(cancellationToken)).AffectedRows;

    public override async Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken) =>
        await Run(cancellationToken) is { Rows: [[var first, ..], ..] } ? first : null;

    protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken) =>
        new SqliteRowReader(await Run(cancellationToken));

    public override void Prepare() { }

    public override int ExecuteNonQuery() => throw SynchronousCall();

    public override object ExecuteScalar() => throw SynchronousCall();

    public override SqliteDataReader ExecuteReader(CommandBehavior behavior) => throw SynchronousCall();

    private Task<SqliteRows> Run(CancellationToken cancellationToken) => source.Run(CommandText, Parameters, cancellationToken);

    private static NotSupportedException SynchronousCall() =>
        new("A synchronous call would block a grain's scheduler: call the asynchronous method.");
}
