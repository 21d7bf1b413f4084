using System.Data.Common;
using DeployCard.Storage.Sql;
using DeployCard.Storage.Sqlite;

namespace DeployCard.Grains.Tests.Storage.Sqlite;

/// <summary>Data source that records its commands, so that a test can query their plans.</summary>
internal sealed class RecordingDataSource(DbDataSource inner) : DbDataSource
{
    private readonly List<DbCommand> commands = [];

    public override string ConnectionString => inner.ConnectionString;

    /// <summary>Returns the text and the query plan of each recorded command and clears the record.</summary>
    public async Task<List<string>> GetPlans(CancellationToken cancellationToken)
    {
        var plans = new List<string>();
        foreach (var command in commands)
        {
            var parameters = new SqlParameters();
            foreach (DbParameter parameter in command.Parameters)
                parameters[parameter.ParameterName] = parameter.Value!;
            var steps = await new SqliteDatabase(inner).Query(
                $"EXPLAIN QUERY PLAN {command.CommandText}",
                parameters,
                row => row.GetString(3),
                cancellationToken
            );
            plans.Add($"{command.CommandText}\n=> {string.Join("; ", steps)}");
        }
        commands.Clear();
        return plans;
    }

    protected override DbConnection CreateDbConnection() => inner.CreateConnection();

    protected override DbCommand CreateDbCommand(string? commandText = null)
    {
        var command = inner.CreateCommand(commandText);
        commands.Add(command);
        return command;
    }
}
