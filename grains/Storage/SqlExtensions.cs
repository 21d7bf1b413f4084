using System.Data.Common;

namespace DeployCard.Grains.Storage;

/// <summary>Commands in one line. A command text is atomic in every database that we know, however many statements it has.</summary>
internal static class SqlExtensions
{
    /// <summary>The rows of a query.</summary>
    public static async Task<List<T>> Query<T>(
        this DbDataSource source, string sql, SqlParameters parameters, Func<DbDataReader, T> map, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(map(reader));
        return rows;
    }

    /// <summary>The rows of a query, for a caller who only reads them.</summary>
    public static async Task<IReadOnlyList<T>> List<T>(
        this DbDataSource source, string sql, SqlParameters parameters, Func<DbDataReader, T> map, CancellationToken cancellationToken) =>
        await source.Query(sql, parameters, map, cancellationToken);

    /// <summary>Changes something.</summary>
    public static async Task Execute(this DbDataSource source, string sql, SqlParameters parameters, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql, parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A text that may be missing.</summary>
    public static string? TextOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    /// <summary>A point in time.</summary>
    public static DateTimeOffset Time(this DbDataReader row, int column) => StorageTime.Parse(row.GetString(column));

    /// <summary>A point in time that may be missing.</summary>
    public static DateTimeOffset? TimeOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.Time(column);

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
