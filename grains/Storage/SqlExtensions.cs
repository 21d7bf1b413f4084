using System.Data.Common;
using DeployCard.Grains.Storage.PostgreSql;

namespace DeployCard.Grains.Storage;

/// <summary>
/// Runs SQL commands and maps their rows. A command text is atomic in both supported databases, however many statements it has.
/// </summary>
internal static class SqlExtensions
{
    /// <summary>Runs a query and returns its rows. A query that loses its connection is retried once.</summary>
    /// <exception cref="StorageException">The database is unavailable, full, read-only or too slow.</exception>
    public static async Task<List<T>> Query<T>(
        this DbDataSource source,
        string sql,
        SqlParameters parameters,
        Func<DbDataReader, T> map,
        CancellationToken cancellationToken
    )
    {
        try
        {
            try
            {
                return await source.Read(sql, parameters, map, cancellationToken);
            }
            // A query can safely be repeated. After a restart of the server, the pool still contains broken connections.
            catch (Exception e) when (PostgreSqlErrors.IsConnectionLost(e))
            {
                return await source.Read(sql, parameters, map, cancellationToken);
            }
        }
        catch (Exception e) when (NeedsTranslation(e, source))
        {
            throw PostgreSqlErrors.Translate(e, source.ConnectionString);
        }
    }

    /// <summary>Runs a query as <see cref="Query{T}"/> does and returns its rows as a read-only list.</summary>
    public static async Task<IReadOnlyList<T>> QueryList<T>(
        this DbDataSource source,
        string sql,
        SqlParameters parameters,
        Func<DbDataReader, T> map,
        CancellationToken cancellationToken
    ) => await source.Query(sql, parameters, map, cancellationToken);

    /// <summary>Runs a command that changes data. A command that fails is not retried.</summary>
    /// <exception cref="StorageException">The database is unavailable, full, read-only or too slow.</exception>
    public static async Task Execute(this DbDataSource source, string sql, SqlParameters parameters, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = source.CreateCommand(sql, parameters);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception e) when (NeedsTranslation(e, source))
        {
            throw PostgreSqlErrors.Translate(e, source.ConnectionString);
        }
    }

    /// <summary>Reads a text column; returns null if the column is NULL.</summary>
    public static string? GetStringOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    /// <summary>Reads a column that contains a time in the format of <see cref="StorageTime"/>.</summary>
    public static DateTimeOffset GetTime(this DbDataReader row, int column) => StorageTime.Parse(row.GetString(column));

    /// <summary>Reads a column that contains a time; returns null if the column is NULL.</summary>
    public static DateTimeOffset? GetTimeOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetTime(column);

    private static async Task<List<T>> Read<T>(
        this DbDataSource source,
        string sql,
        SqlParameters parameters,
        Func<DbDataReader, T> map,
        CancellationToken cancellationToken
    )
    {
        await using var command = source.CreateCommand(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(map(reader));
        return rows;
    }

    // SqliteDataSource throws StorageException itself. Npgsql's data source cannot be extended to do so.
    private static bool NeedsTranslation(Exception error, DbDataSource source) =>
        source is Npgsql.NpgsqlDataSource && PostgreSqlErrors.IsStorageFailure(error);

    private static DbCommand CreateCommand(this DbDataSource source, string sql, SqlParameters parameters)
    {
        var command = source.CreateCommand(sql);
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        return command;
    }
}

/// <summary>Parameter values of a command by parameter name, without the <c>@</c> prefix.</summary>
internal sealed class SqlParameters : Dictionary<string, object>;
