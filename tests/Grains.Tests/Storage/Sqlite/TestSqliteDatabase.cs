using DeployCard.Storage.Sql;
using DeployCard.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using MsOptions = Microsoft.Extensions.Options.Options;

namespace DeployCard.Grains.Tests.Storage.Sqlite;

/// <summary>SQLite database of one test, in a temporary folder that is deleted after the test.</summary>
public sealed class TestSqliteDatabase : ITestDatabase
{
    private readonly DirectoryInfo folder = new(Path.Combine(Path.GetTempPath(), $"deploycard-{Guid.NewGuid():N}"));
    private SqliteDataSource? source;

    internal SqliteStorageOptions Options { get; }

    public TestSqliteDatabase() => Options = new() { Path = Path.Combine(folder.FullName, "data", "test.db") };

    /// <summary>
    /// The temporary folder, created on first use, so that a killed process that does not use it leaves no folder behind.
    /// </summary>
    public string Folder => Directory.CreateDirectory(folder.FullName).FullName;

    SqlDatabase ITestDatabase.Sql => Sql;

    /// <summary>Commands on <see cref="Source"/>.</summary>
    internal SqliteDatabase Sql => new(Source);

    /// <summary>The data source of a database with the current schema, opened on first use.</summary>
    internal SqliteDataSource Source => source ??= Open();

    public void Use(ISiloBuilder silo) => silo.AddSqliteStorage(options => options.Path = Options.Path);

    public IReadOnlyList<string> ApplySchema() => new SqliteSchema(MsOptions.Create(Options), NullLogger<SqliteSchema>.Instance).Apply();

    internal SqliteDataSource OpenSource() => new(MsOptions.Create(Options), NullLogger<SqliteDataSource>.Instance);

    /// <summary>Closes the data source. The next use of <see cref="Source"/> opens the same file again.</summary>
    public async Task Close()
    {
        if (source is not null)
            await source.DisposeAsync();
        source = null;
    }

    public async ValueTask DisposeAsync()
    {
        await Close();
        folder.Refresh();
        if (folder.Exists)
            folder.Delete(recursive: true);
    }

    private SqliteDataSource Open()
    {
        ApplySchema();
        return OpenSource();
    }
}
