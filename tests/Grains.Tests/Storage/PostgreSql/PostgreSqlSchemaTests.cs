using DeployCard.Contracts.Storage;
using DeployCard.Storage.PostgreSql;
using DeployCard.Storage.Sql;
using DeployCard.Storage.Stores;
using DeployCard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;

namespace DeployCard.Grains.Tests.Storage.PostgreSql;

public sealed class PostgreSqlSchemaTests : IAsyncDisposable
{
    private static readonly string[] Scripts = [.. SchemaScripts.Load("PostgreSql").Select(script => script.Name)];
    private readonly TestPostgreSqlDatabase database = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public void Schema_upgrade_runs_each_script_once_and_returns_its_name()
    {
        database.ApplySchema().ShouldBe(Scripts);
        database.ApplySchema().ShouldBeEmpty();
    }

    [Fact]
    public async Task Scripts_run_once_if_ten_silos_start_concurrently()
    {
        var applied = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(database.ApplySchema, Token)));

        applied.SelectMany(scripts => scripts).ShouldBe(Scripts);
        (await database.Sql.Query("SELECT scriptname FROM schemaversions ORDER BY 1", [], row => row.GetString(0), Token)).ShouldBe(
            Scripts
        );
    }

    [Fact]
    public async Task Schema_upgrade_fails_if_the_lock_is_not_released_within_the_timeout()
    {
        database.Options.SchemaLockTimeout = TimeSpan.FromSeconds(1);
        await using var other = new NpgsqlConnection($"{database.Options.ConnectionString};Pooling=false");
        await other.OpenAsync(Token);
        await using var acquireLock = new NpgsqlCommand($"SELECT pg_advisory_lock({0x4465706C6F794361})", other);
        await acquireLock.ExecuteNonQueryAsync(Token);

        ErrorOfApply().ShouldContain("Storage:SchemaLockTimeout");
        await other.CloseAsync();
        database.ApplySchema().ShouldBe(Scripts);
    }

    [Fact]
    public async Task Database_with_asynchronous_commits_is_rejected()
    {
        var name = new NpgsqlConnectionStringBuilder(database.Options.ConnectionString).Database;
        await database.Execute($"ALTER DATABASE {name} SET synchronous_commit = off");

        ErrorOfApply().ShouldContain("synchronous_commit");
        await database.Execute($"ALTER DATABASE {name} SET synchronous_commit = on");
        database.ApplySchema().ShouldBe(Scripts);
    }

    [Fact]
    public async Task Database_with_an_encoding_other_than_UTF8_is_rejected()
    {
        var server = await PostgresServer.Shared;
        var name = new NpgsqlConnectionStringBuilder(database.Options.ConnectionString).Database;
        await server.DropDatabase(database.Options.ConnectionString);
        await server.Execute($"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");

        ErrorOfApply().ShouldContain("has the encoding SQL_ASCII, but must have UTF8");
    }

    [Fact]
    public async Task Failed_script_leaves_the_database_unchanged()
    {
        await database.Execute("CREATE TABLE LogBlock (other integer)");

        ErrorOfApply().ShouldContain("0003-bodies-and-logs.sql");
        await database.Execute("DROP TABLE LogBlock");
        database.ApplySchema().ShouldBe(Scripts);
    }

    [Fact]
    public async Task Upgrade_of_an_older_schema_runs_the_missing_scripts_and_keeps_the_rows()
    {
        await database.Execute(
            "CREATE TABLE schemaversions "
                + "(schemaversionsid serial PRIMARY KEY, scriptname varchar(255) NOT NULL, applied timestamp NOT NULL)"
        );
        foreach (var script in SchemaScripts.Load("PostgreSql").SkipLast(1))
            await database.Execute($"{script.Contents};\nINSERT INTO schemaversions (scriptname, applied) VALUES ('{script.Name}', now())");
        await database.Execute(
            """
            INSERT INTO OrleansStorage
              (GrainIdHash, GrainIdN0, GrainIdN1, GrainTypeHash, GrainTypeString, ServiceId, PayloadBinary, Version)
            VALUES (1, 0, 0, 1, 'deployment', 'test', convert_to('{"name":"iris","title":"Irises"}', 'UTF8'), 1)
            """
        );

        database.ApplySchema().ShouldBe(Scripts[^1..]);

        (await new DeploymentStore(database.Sql).Count(new("RISE"), Token)).ShouldBe(1);
    }

    [Fact]
    public async Task Search_works_without_the_trigram_extension_if_the_user_may_not_create_it()
    {
        var owner = new NpgsqlConnectionStringBuilder(database.Options.ConnectionString);
        await database.Execute(
            $"CREATE ROLE {owner.Database}_user LOGIN PASSWORD 'x'; GRANT CREATE, USAGE ON SCHEMA public TO {owner.Database}_user"
        );
        database.Options.ConnectionString += $";Username={owner.Database}_user;Password=x";

        database.ApplySchema().ShouldBe(Scripts);

        (await new DeploymentStore(database.Sql).Count(new("some"), Token)).ShouldBe(0);
        (
            await database.Sql.Query("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'", [], row => row.GetInt64(0), Token)
        ).ShouldBe([0]);
    }

    [Fact]
    public async Task Database_of_a_newer_version_is_rejected()
    {
        database.ApplySchema();
        await database.Execute("INSERT INTO schemaversions (scriptname, applied) VALUES ('9999-from-the-future.sql', now())");

        ErrorOfApply().ShouldContain("newer version");
    }

    [Theory]
    [InlineData("Password=wrong", "rejects this user")]
    [InlineData("Database=elsewhere", "does not exist")]
    [InlineData("Port=1", "cannot be reached")]
    [InlineData("Options=-c default_transaction_read_only=on", "is read-only")]
    public void Error_of_an_unusable_database_names_the_setting_and_the_remedy(string change, string remedy)
    {
        database.Options.ConnectionString += $";{change}";

        ErrorOfApply().ShouldContain(remedy);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("postgres://me:s3cret@db/x", "is a URL")]
    [InlineData("Host=db;Database=x;Password=s3;cret=1", "is malformed")]
    [InlineData("Host=db;Password=s3cret", "has no Database")]
    [InlineData("Database=x;Password=s3cret", "has no Host")]
    public void Error_of_an_invalid_connection_string_does_not_contain_the_password(string text, string fault)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleans(silo =>
            silo.UseLocalhostClustering()
                .AddPostgreSqlStorage(options =>
                    (options.ConnectionString, options.MaxConnections, options.CommandTimeout) = (text, 1, TimeSpan.Zero)
                )
        );
        using var host = builder.Build();

        var message = Should
            .Throw<OptionsValidationException>(() => host.Services.GetRequiredService<IOptions<PostgreSqlStorageOptions>>().Value)
            .Message;

        message.ShouldContain("Storage:ConnectionString " + fault);
        message.ShouldContain("Storage:MaxConnections must be 2 to 500; got 1.");
        message.ShouldContain("Storage:CommandTimeout must be 00:00:01 to 00:05:00; got 00:00:00.");
        message.ShouldNotContain("cret");
    }

    private string ErrorOfApply()
    {
        var error = Should.Throw<StorageException>(() => database.ApplySchema());
        error.Message.ShouldContain("Storage:ConnectionString");
        error.Message.ShouldNotContain("\n");
        error.ToString().ShouldNotContain(PostgresServer.Password);
        return error.Message;
    }
}
