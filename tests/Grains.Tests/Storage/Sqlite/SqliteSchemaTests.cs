using DeployCard.Contracts.Storage;
using DeployCard.Storage.Sql;

namespace DeployCard.Grains.Tests.Storage.Sqlite;

public sealed class SqliteSchemaTests : IAsyncDisposable
{
    private readonly TestSqliteDatabase database = new();

    private static readonly string[] Scripts = [.. SchemaScripts.Load("Sqlite").Select(script => script.Name)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Schema_upgrade_creates_the_file_and_runs_each_script_once()
    {
        database.ApplySchema().ShouldBe(Scripts);
        database.ApplySchema().ShouldBeEmpty();

        (await database.Sql.Query("SELECT ScriptName FROM SchemaVersions ORDER BY 1", [], row => row.GetString(0), Token)).ShouldBe(
            Scripts
        );
    }

    [Fact]
    public async Task Scripts_run_once_if_several_processes_start_concurrently()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(database.ApplySchema, Token)));

        (await database.Sql.Query("SELECT count(*) FROM SchemaVersions", [], row => row.GetInt64(0), Token)).ShouldBe([Scripts.Length]);
    }

    [Fact]
    public async Task Database_of_a_newer_version_is_rejected()
    {
        await database.Sql.Execute("INSERT INTO SchemaVersions (ScriptName, Applied) VALUES ('9999-from-the-future.sql', '')", [], Token);
        await database.Close();

        ErrorOfApply().ShouldContain("newer version");
    }

    [Fact]
    public void File_that_is_not_a_database_is_rejected()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(database.Options.Path)!);
        File.WriteAllText(database.Options.Path, new string('x', 8192));

        ErrorOfApply().ShouldContain("is not an SQLite database");
    }

    [Fact]
    public void Path_whose_folder_cannot_be_created_is_rejected()
    {
        database.Options.Path = Path.Combine(database.Folder, "file", "data.db");
        File.WriteAllText(Path.Combine(database.Folder, "file"), "");

        ErrorOfApply().ShouldContain("configure a path");
    }

    [Fact]
    public void Path_of_a_folder_is_rejected()
    {
        database.Options.Path = database.Folder;

        ErrorOfApply().ShouldContain("cannot be opened");
    }

    [Fact]
    public async Task Damaged_database_is_rejected()
    {
        await database.Sql.Execute("CREATE TABLE T (x)", [], Token);
        await database.Close();
        using (var file = File.OpenWrite(database.Options.Path))
        {
            file.Position = 100;
            file.Write(Enumerable.Repeat((byte)0xEE, (int)file.Length - 100).ToArray());
        }

        ErrorOfApply().ShouldContain("is damaged");
    }

    private string ErrorOfApply()
    {
        var message = Should.Throw<StorageException>(() => database.ApplySchema()).Message;
        message.ShouldContain(database.Options.Path);
        message.ShouldNotContain("\n");
        return message;
    }
}
