using System.Globalization;
using DeployCard.Contracts.AsyncCalls;

namespace DeployCard.Grains.Tests.Storage.Sqlite;

public sealed class SqliteGrainStorageTests : GrainStorageTests
{
    private readonly TestSqliteDatabase database;

    public SqliteGrainStorageTests()
        : this(new()) { }

    private SqliteGrainStorageTests(TestSqliteDatabase database)
        : base(database) => this.database = database;

    [Theory]
    [InlineData("2026-11-25T04:00:00Z")]
    [InlineData("2010-01-01T00:00:00Z")]
    public async Task Call_stored_before_rows_were_ordered_by_time_is_found_after_the_upgrade(string acceptedAt)
    {
        var id = CallId.Create(DateTimeOffset.Parse(acceptedAt, CultureInfo.InvariantCulture));
        await Call(id).Write("iris");
        await Stop();
        await database.Sql.Execute(
            "UPDATE OrleansStorage SET GrainIdHash = 7, GrainTypeHash = 8 WHERE GrainTypeString = 'asyncCall'; "
                + "DELETE FROM SchemaVersions WHERE ScriptName LIKE '0006%'",
            [],
            Token
        );
        await database.Close();
        await Start();

        (await Call(id).Deployment()).ShouldBe("iris");
    }

    [Fact]
    public async Task Stopped_silo_leaves_only_the_database_file()
    {
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Deployment($"d{i}").Write("x")));

        await Stop();

        Directory.GetFiles(Path.Combine(database.Folder, "data")).ShouldBe([database.Options.Path]);
        (await Rows()).ShouldBe(100);
    }
}
