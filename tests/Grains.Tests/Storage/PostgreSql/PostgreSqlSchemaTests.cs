using DeployCard.Grains.Deployments;
using DeployCard.Grains.Storage;
using DeployCard.Grains.Storage.PostgreSql;
using DeployCard.Tests.Support;
using Npgsql;

namespace DeployCard.Grains.Tests.Storage.PostgreSql;

public sealed class PostgreSqlSchemaTests : IAsyncDisposable
{
    private static readonly string[] Scripts = [.. SchemaScripts.Of("PostgreSql").Select(script => script.Name)];
    private readonly PostgreSqlDatabase database = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public void It_runs_each_script_once_and_says_which()
    {
        database.ApplySchema().ShouldBe(Scripts);
        database.ApplySchema().ShouldBeEmpty();
    }

    [Fact]
    public async Task Of_ten_silos_that_start_at_once_one_runs_the_scripts()
    {
        var applied = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(database.ApplySchema, Token)));

        applied.SelectMany(scripts => scripts).ShouldBe(Scripts);
        (await database.Source.Query("SELECT scriptname FROM schemaversions ORDER BY 1", [], row => row.GetString(0), Token)).ShouldBe(
            Scripts
        );
    }

    [Fact]
    public async Task A_silo_waits_for_another_ones_scripts_only_so_long()
    {
        database.Options.SchemaLockTimeout = TimeSpan.FromSeconds(1);
        await using var other = new NpgsqlConnection($"{database.Options.ConnectionString};Pooling=false");
        await other.OpenAsync(Token);
        await using var take = new NpgsqlCommand($"SELECT pg_advisory_lock({0x4465706C6F794361})", other);
        await take.ExecuteNonQueryAsync(Token);

        Refusal().ShouldContain("Storage:SchemaLockTimeout");
        await other.CloseAsync();
        database.ApplySchema().ShouldBe(Scripts);
    }

    [Fact]
    public async Task A_database_that_may_take_back_what_it_confirmed_is_refused()
    {
        var name = new NpgsqlConnectionStringBuilder(database.Options.ConnectionString).Database;
        await database.Execute($"ALTER DATABASE {name} SET synchronous_commit = off");

        Refusal().ShouldContain("synchronous_commit");
        await database.Execute($"ALTER DATABASE {name} SET synchronous_commit = on");
        database.ApplySchema().ShouldBe(Scripts);
    }

    [Fact]
    public async Task A_database_that_cannot_hold_every_text_is_refused()
    {
        var server = await PostgresServer.Shared;
        var name = new NpgsqlConnectionStringBuilder(database.Options.ConnectionString).Database;
        await server.DropDatabase(database.Options.ConnectionString);
        await server.Execute($"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");

        Refusal().ShouldContain("has the encoding SQL_ASCII, and must have UTF8");
    }

    [Fact]
    public async Task A_script_that_fails_leaves_the_database_as_it_was()
    {
        await database.Execute("CREATE TABLE LogBlock (other integer)");

        Refusal().ShouldContain("0003-bodies-and-logs.sql");
        await database.Execute("DROP TABLE LogBlock");
        database.ApplySchema().ShouldBe(Scripts);
    }

    [Fact]
    public async Task A_database_that_has_only_the_first_scripts_gets_the_others_and_keeps_its_rows()
    {
        await database.Execute(
            "CREATE TABLE schemaversions (schemaversionsid serial PRIMARY KEY, scriptname varchar(255) NOT NULL, applied timestamp NOT NULL)"
        );
        foreach (var script in SchemaScripts.Of("PostgreSql").SkipLast(1))
            await database.Execute($"{script.Contents};\nINSERT INTO schemaversions (scriptname, applied) VALUES ('{script.Name}', now())");
        await database.Execute(
            """
            INSERT INTO OrleansStorage (GrainIdHash, GrainIdN0, GrainIdN1, GrainTypeHash, GrainTypeString, ServiceId, PayloadBinary, Version)
            VALUES (1, 0, 0, 1, 'deployment', 'test', convert_to('{"name":"iris","title":"Irises"}', 'UTF8'), 1)
            """
        );

        database.ApplySchema().ShouldBe(Scripts[^1..]);

        (await new DeploymentStore(database.Source).Count(new("RISE"), Token)).ShouldBe(1);
    }

    [Fact]
    public async Task Where_the_extension_for_searches_may_not_be_made_they_work_without()
    {
        var owner = new NpgsqlConnectionStringBuilder(database.Options.ConnectionString);
        await database.Execute(
            $"CREATE ROLE {owner.Database}_user LOGIN PASSWORD 'x'; GRANT CREATE, USAGE ON SCHEMA public TO {owner.Database}_user"
        );
        database.Options.ConnectionString += $";Username={owner.Database}_user;Password=x";

        database.ApplySchema().ShouldBe(Scripts);

        (await new DeploymentStore(database.Source).Count(new("some"), Token)).ShouldBe(0);
        (
            await database.Source.Query("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'", [], row => row.GetInt64(0), Token)
        ).ShouldBe([0]);
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused()
    {
        database.ApplySchema();
        await database.Execute("INSERT INTO schemaversions (scriptname, applied) VALUES ('9999-from-the-future.sql', now())");

        Refusal().ShouldContain("newer version");
    }

    [Theory]
    [InlineData("Password=wrong", "refuses this user")]
    [InlineData("Database=elsewhere", "does not exist")]
    [InlineData("Port=1", "cannot be reached")]
    [InlineData("Options=-c default_transaction_read_only=on", "is read-only")]
    public void A_database_that_cannot_be_used_is_told_with_the_setting_and_the_remedy(string change, string remedy)
    {
        database.Options.ConnectionString += $";{change}";

        Refusal().ShouldContain(remedy);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("postgres://me:s3cret@db/x", "is a URL")]
    [InlineData("Host=db;Database=x;Password=s3;cret=1", "cannot be read")]
    [InlineData("Host=db;Password=s3cret", "names no Database")]
    [InlineData("Database=x;Password=s3cret", "names no Host")]
    public void A_connection_string_that_cannot_be_read_is_refused_without_its_password(string text, string fault)
    {
        var options = new PostgreSqlStorageOptions
        {
            ConnectionString = text,
            MaxConnections = 1,
            CommandTimeout = TimeSpan.Zero,
        };

        var message = new PostgreSqlStorageOptionsValidator().Validate(null, options).FailureMessage.ShouldNotBeNull();

        message.ShouldContain("Storage:ConnectionString " + fault);
        message.ShouldContain("Storage:MaxConnections is 1: give 2 to 500.");
        message.ShouldContain("Storage:CommandTimeout is 00:00:00: give 00:00:01 to 00:05:00.");
        message.ShouldNotContain("cret");
    }

    private string Refusal()
    {
        var error = Should.Throw<StorageException>(() => database.ApplySchema());
        error.Message.ShouldContain("Storage:ConnectionString");
        error.Message.ShouldNotContain("\n");
        error.ToString().ShouldNotContain(PostgresServer.Password);
        return error.Message;
    }
}
