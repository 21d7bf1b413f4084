using System.Data.Common;
using DeployCard.Grains.Storage.PostgreSql;

namespace DeployCard.Grains.Storage;

/// <summary>Commands in one line. A command text is atomic in every database that we know, however many statements it has.</summary>
internal static class SqlExtensions
{
    /// <summary>The rows of a query.</summary>
    /// <exception cref="StorageException">The database is away, full, read-only or the like.</exception>
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
            // To ask twice is no harm, and who comes first after a restart of the server meets a connection from before.
            catch (Exception e) when (PostgreSqlErrors.IsLost(e))
            {
                return await source.Read(sql, parameters, map, cancellationToken);
            }
        }
        catch (Exception e) when (IsUnexplained(e, source))
        {
            throw PostgreSqlErrors.Explain(e, source.ConnectionString);
        }
    }

    /// <summary>The rows of a query, for a caller who only reads them.</summary>
    public static async Task<IReadOnlyList<T>> List<T>(
        this DbDataSource source,
        string sql,
        SqlParameters parameters,
        Func<DbDataReader, T> map,
        CancellationToken cancellationToken
    ) => await source.Query(sql, parameters, map, cancellationToken);

    /// <summary>Changes something.</summary>
    /// <exception cref="StorageException">The database is away, full, read-only or the like.</exception>
    public static async Task Execute(this DbDataSource source, string sql, SqlParameters parameters, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = source.CreateCommand(sql, parameters);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception e) when (IsUnexplained(e, source))
        {
            throw PostgreSqlErrors.Explain(e, source.ConnectionString);
        }
    }

    /// <summary>A text that may be missing.</summary>
    public static string? TextOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    /// <summary>A point in time.</summary>
    public static DateTimeOffset Time(this DbDataReader row, int column) => StorageTime.Parse(row.GetString(column));

    /// <summary>A point in time that may be missing.</summary>
    public static DateTimeOffset? TimeOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.Time(column);

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

    // SQLite's data source tells its failures like that by itself; the types of Npgsql leave no room to.
    private static bool IsUnexplained(Exception error, DbDataSource source) =>
        source is Npgsql.NpgsqlDataSource && PostgreSqlErrors.IsOfStorage(error);

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

/// <summary>The parameters of a command, by their names without a prefix.</summary>
internal sealed class SqlParameters : Dictionary<string, object>;
