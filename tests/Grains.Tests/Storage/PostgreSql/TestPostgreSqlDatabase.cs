using DeployCard.Storage.PostgreSql;
using DeployCard.Storage.Sql;
using DeployCard.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using MsOptions = Microsoft.Extensions.Options.Options;

namespace DeployCard.Grains.Tests.Storage.PostgreSql;

/// <summary>PostgreSQL database of one test, on the server of the test run; dropped after the test.</summary>
public sealed class TestPostgreSqlDatabase : ITestDatabase
{
    private readonly PostgresServer server;
    private NpgsqlDataSource? source;

    public TestPostgreSqlDatabase()
        : this(PostgresServer.Shared.GetAwaiter().GetResult()) { }

    /// <summary>Creates a database on a server that the test may stop.</summary>
    public TestPostgreSqlDatabase(PostgresServer server) =>
        (this.server, Options) = (
            server,
            new()
            {
                ConnectionString = server.CreateDatabase().GetAwaiter().GetResult(),
                MaxConnections = 16,
                // The timeouts are long because the machine may be busy with other tests.
                ConnectTimeout = TimeSpan.FromSeconds(30),
                CommandTimeout = TimeSpan.FromMinutes(1),
            }
        );

    internal PostgreSqlStorageOptions Options { get; }

    SqlDatabase ITestDatabase.Sql => Sql;

    /// <summary>Commands on <see cref="Source"/>.</summary>
    internal PostgreSqlDatabase Sql => new(Source);

    /// <summary>The data source of a database with the current schema, opened on first use.</summary>
    internal NpgsqlDataSource Source => source ??= Open();

    public void Use(ISiloBuilder silo) =>
        silo.AddPostgreSqlStorage(options =>
        {
            options.ConnectionString = Options.ConnectionString;
            options.MaxConnections = Options.MaxConnections;
            options.ConnectTimeout = Options.ConnectTimeout;
            options.CommandTimeout = Options.CommandTimeout;
        });

    public IReadOnlyList<string> ApplySchema() =>
        new PostgreSqlSchema(MsOptions.Create(Options), NullLogger<PostgreSqlSchema>.Instance).Apply();

    /// <summary>Executes a command as the owner of the database, on a connection outside the data source.</summary>
    public async Task Execute(string sql)
    {
        await using var owner = NpgsqlDataSource.Create($"{Options.ConnectionString};Pooling=false");
        await using var command = owner.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (source is not null)
            await source.DisposeAsync();
        await server.DropDatabase(Options.ConnectionString);
    }

    private NpgsqlDataSource Open()
    {
        ApplySchema();
        return PostgreSqlConnections.CreateDataSource(Options);
    }
}
