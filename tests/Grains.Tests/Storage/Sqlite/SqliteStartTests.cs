using DeployCard.Grains.Storage;
using DeployCard.Grains.Storage.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Tests.Storage.Sqlite;

public sealed class SqliteStartTests : IAsyncDisposable
{
    private readonly SqliteDatabase _database = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_host_on_a_file_that_is_no_database_does_not_start_and_says_why()
    {
        _database.Options.Path = Path.Combine(_database.Folder, "notes.txt");
        await File.WriteAllTextAsync(_database.Options.Path, new string('x', 8192), Token);

        var error = await Should.ThrowAsync<StorageException>(Start);

        error.Message.ShouldContain("is no SQLite database");
    }

    [Fact]
    public async Task A_host_with_wrong_options_does_not_start_and_names_them_all()
    {
        (_database.Options.Path, _database.Options.MostReads) = ("", 0);

        var error = await Should.ThrowAsync<OptionsValidationException>(Start);

        error.Message.ShouldContain("Storage:Path");
        error.Message.ShouldContain("Storage:MostReads");
    }

    private async Task Start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleans(silo => silo.UseLocalhostClustering().AddSqliteStorage(options =>
            (options.Path, options.MostReads) = (_database.Options.Path, _database.Options.MostReads)));
        using var host = builder.Build();
        await host.StartAsync(Token);
    }
}
