using DeployCard.Contracts.Storage;
using DeployCard.Storage.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Tests.Storage.Sqlite;

public sealed class SqliteStartTests : IAsyncDisposable
{
    private readonly TestSqliteDatabase database = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Host_does_not_start_on_a_file_that_is_not_a_database()
    {
        database.Options.Path = Path.Combine(database.Folder, "notes.txt");
        await File.WriteAllTextAsync(database.Options.Path, new string('x', 8192), Token);

        var error = await Should.ThrowAsync<StorageException>(Start);

        error.Message.ShouldContain("is not an SQLite database");
    }

    [Fact]
    public async Task Host_with_invalid_options_does_not_start_and_reports_all_of_them()
    {
        (database.Options.Path, database.Options.MaxConcurrentReads) = ("", 0);

        var error = await Should.ThrowAsync<OptionsValidationException>(Start);

        error.Message.ShouldContain("Storage:Path");
        error.Message.ShouldContain("Storage:MaxConcurrentReads");
    }

    private async Task Start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleans(silo =>
            silo.UseLocalhostClustering()
                .AddSqliteStorage(options =>
                    (options.Path, options.MaxConcurrentReads) = (database.Options.Path, database.Options.MaxConcurrentReads)
                )
        );
        using var host = builder.Build();
        await host.StartAsync(Token);
    }
}
