using DeployCard.Grains.Storage;

namespace DeployCard.Grains.Tests.Storage.Sqlite;

public sealed class SqliteSchemaTests : IAsyncDisposable
{
    private readonly SqliteDatabase database = new();

    private static readonly string[] Scripts = [.. SchemaScripts.Of("Sqlite").Select(script => script.Name)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task It_makes_the_folder_and_the_file_and_runs_each_script_once()
    {
        database.ApplySchema().ShouldBe(Scripts);
        database.ApplySchema().ShouldBeEmpty();

        (await database.Source.Query("SELECT ScriptName FROM SchemaVersions ORDER BY 1", [], row => row.GetString(0), Token)).ShouldBe(
            Scripts
        );
    }

    [Fact]
    public async Task Two_processes_that_start_at_once_run_each_script_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(database.ApplySchema, Token)));

        (await database.Source.Query("SELECT count(*) FROM SchemaVersions", [], row => row.GetInt64(0), Token)).ShouldBe([Scripts.Length]);
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused()
    {
        await database.Source.Execute(
            "INSERT INTO SchemaVersions (ScriptName, Applied) VALUES ('9999-from-the-future.sql', '')",
            [],
            Token
        );
        await database.Close();

        Refusal().ShouldContain("newer version");
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(database.Options.Path)!);
        File.WriteAllText(database.Options.Path, new string('x', 8192));

        Refusal().ShouldContain("is no SQLite database");
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused()
    {
        database.Options.Path = Path.Combine(database.Folder, "file", "data.db");
        File.WriteAllText(Path.Combine(database.Folder, "file"), "");

        Refusal().ShouldContain("give a path");
    }

    [Fact]
    public void A_path_that_is_a_folder_is_refused()
    {
        database.Options.Path = database.Folder;

        Refusal().ShouldContain("cannot be opened");
    }

    [Fact]
    public async Task A_damaged_database_is_refused()
    {
        await database.Source.Execute("CREATE TABLE T (x)", [], Token);
        await database.Close();
        using (var file = File.OpenWrite(database.Options.Path))
        {
            file.Position = 100;
            file.Write(Enumerable.Repeat((byte)0xEE, (int)file.Length - 100).ToArray());
        }

        Refusal().ShouldContain("is damaged");
    }

    private string Refusal()
    {
        var message = Should.Throw<StorageException>(() => database.ApplySchema()).Message;
        message.ShouldContain(database.Options.Path);
        message.ShouldNotContain("\n");
        return message;
    }
}
