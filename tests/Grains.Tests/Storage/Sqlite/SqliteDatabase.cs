using System.Data.Common;
using MsOptions = Microsoft.Extensions.Options.Options;
using DeployCard.Grains.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeployCard.Grains.Tests.Storage.Sqlite;

/// <summary>A database of its own in a folder that is removed afterwards.</summary>
public sealed class SqliteDatabase : ITestDatabase
{
    private readonly DirectoryInfo _folder = new(Path.Combine(Path.GetTempPath(), $"deploycard-{Guid.NewGuid():N}"));
    private SqliteDataSource? _source;

    internal SqliteStorageOptions Options { get; }

    public SqliteDatabase() => Options = new() { Path = Path.Combine(_folder.FullName, "data", "test.db") };

    /// <summary>The folder. It is made on first use: a process that is killed and never asks leaves none behind.</summary>
    public string Folder => Directory.CreateDirectory(_folder.FullName).FullName;

    /// <summary>The data source, with the schema; made on first use.</summary>
    DbDataSource ITestDatabase.Source => Source;

    internal SqliteDataSource Source => _source ??= Open();

    public void Use(ISiloBuilder silo) => silo.AddSqliteStorage(options => options.Path = Options.Path);

    public IReadOnlyList<string> ApplySchema() => new SqliteSchema(MsOptions.Create(Options), NullLogger<SqliteSchema>.Instance).Apply();

    internal SqliteDataSource OpenSource() => new(MsOptions.Create(Options), NullLogger<SqliteDataSource>.Instance);

    /// <summary>Closes the data source; the next use opens the same file again.</summary>
    public async Task Close()
    {
        if (_source is not null)
            await _source.DisposeAsync();
        _source = null;
    }

    public async ValueTask DisposeAsync()
    {
        await Close();
        _folder.Refresh();
        if (_folder.Exists)
            _folder.Delete(recursive: true);
    }

    private SqliteDataSource Open()
    {
        ApplySchema();
        return OpenSource();
    }
}
