using System.Data.Common;
using DeployCard.Contracts.Storage;

namespace DeployCard.Storage.Sql;

/// <summary>
/// The database that the stores share. It runs SQL commands and maps their rows. A command text is atomic in every supported database,
/// however many statements it has. What differs between the databases is in the derived classes.
/// </summary>
internal abstract class SqlDatabase(DbDataSource source)
{
    /// <summary>Connections to the database.</summary>
    public DbDataSource Source { get; } = source;

    /// <summary>Syntax of the search for deployments by a part of their name or title.</summary>
    public abstract SearchSyntax Search { get; }

    /// <summary>Runs a query and returns its rows. A query that loses its connection is retried once.</summary>
    /// <exception cref="StorageException">The database is unavailable, full, read-only or too slow.</exception>
    public async Task<List<T>> Query<T>(
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
                return await Read(sql, parameters, map, cancellationToken);
            }
            // A query can safely be repeated. After a restart of the server, the pool still contains broken connections.
            catch (Exception e) when (IsConnectionLost(e))
            {
                return await Read(sql, parameters, map, cancellationToken);
            }
        }
        catch (Exception e) when (NeedsTranslation(e))
        {
            throw Translate(e);
        }
    }

    /// <summary>Runs a query as <see cref="Query{T}"/> does and returns its rows as a read-only list.</summary>
    public async Task<IReadOnlyList<T>> QueryList<T>(
        string sql,
        SqlParameters parameters,
        Func<DbDataReader, T> map,
        CancellationToken cancellationToken
    ) => await Query(sql, parameters, map, cancellationToken);

    /// <summary>Runs a command that changes data. A command that fails is not retried.</summary>
    /// <exception cref="StorageException">The database is unavailable, full, read-only or too slow.</exception>
    public async Task Execute(string sql, SqlParameters parameters, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = CreateCommand(sql, parameters);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception e) when (NeedsTranslation(e))
        {
            throw Translate(e);
        }
    }

    /// <summary>Whether the connection was lost, so that the command may or may not have run.</summary>
    protected virtual bool IsConnectionLost(Exception error) => false;

    /// <summary>Whether <see cref="Translate"/> converts an exception. False if the data source converts failures itself.</summary>
    protected virtual bool NeedsTranslation(Exception error) => false;

    /// <summary>Converts a failure of the server or the network.</summary>
    protected virtual StorageException Translate(Exception error) => new(error.Message, error);

    private async Task<List<T>> Read<T>(
        string sql,
        SqlParameters parameters,
        Func<DbDataReader, T> map,
        CancellationToken cancellationToken
    )
    {
        await using var command = CreateCommand(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(map(reader));
        return rows;
    }

    private DbCommand CreateCommand(string sql, SqlParameters parameters)
    {
        var command = Source.CreateCommand(sql);
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

/// <summary>SQL with which a database searches deployments by a part of their name or title.</summary>
/// <param name="IndexQuery">Query that returns the names of the matches from the trigram index.</param>
/// <param name="IsInIndexResult">Condition that a name is in the result of a query, which replaces <c>{0}</c>.</param>
/// <param name="ScanCondition">Condition that a row matches, evaluated row by row.</param>
internal sealed record SearchSyntax(string IndexQuery, string IsInIndexResult, string ScanCondition);
