using DeployCard.Grains.Deployments;
using DeployCard.Grains.Storage;
using DeployCard.Grains.Storage.PostgreSql;
using Npgsql;

namespace DeployCard.Grains.Tests.Storage.PostgreSql;

/// <summary>What a search for a part of a name costs among many.</summary>
public sealed class SearchTests : IAsyncDisposable
{
    private const int Often = 20;
    private readonly PostgreSqlDatabase _database = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_part_that_few_have_is_found_by_an_index_each_time()
    {
        await Fill(20_000);
        await using (var searches = PostgreSqlConnections.Searches(_database.Options))
        {
            var store = new DeploymentStore(_database.Source, searches);
            for (var i = 0; i < Often; i++)
                (await store.List(new($"{i + 10_000}"), DeploymentOrder.Name, new(50), Token)).Items.Select(item => item.Item.Name.Value).ShouldBe([$"rest-{i + 10_000}"]);
        }

        // A session that ends tells what it did a moment later.
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (await Scans("deploymentindex_namepart") < Often)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, late.Token);
    }

    [Fact]
    public async Task Who_may_not_make_the_extension_searches_without_an_index()
    {
        var role = $"guest_{Guid.NewGuid():N}";
        await _database.Execute($"CREATE ROLE {role} LOGIN PASSWORD 'guest'; GRANT CREATE ON SCHEMA public TO {role}");
        (_database.Options.ConnectionString, var owner) = (
            new NpgsqlConnectionStringBuilder(_database.Options.ConnectionString) { Username = role, Password = "guest" }.ConnectionString, _database.Options.ConnectionString);
        try
        {
            await using var source = _database.Source;
            var store = new DeploymentStore(source);

            (await store.List(new("iris"), DeploymentOrder.Name, new(50), Token)).Items.ShouldBeEmpty();

            (await source.Query("SELECT indexname FROM pg_indexes WHERE indexname LIKE 'deploymentindex%part'", new(), row => row.GetString(0), Token)).ShouldBeEmpty();
        }
        finally
        {
            _database.Options.ConnectionString = owner;
            await _database.Execute($"DROP OWNED BY {role} CASCADE; DROP ROLE {role}");
        }
    }

    private async Task Fill(int count)
    {
        _database.ApplySchema();
        await _database.Execute(
            $"""
            INSERT INTO DeploymentIndex SELECT 'rest-' || i, 'Title ' || i % 10, 'IDLE', 'image', '2026-01-01T00:00:00.0000000Z', '2026-01-01T00:00:00.0000000Z', NULL, 0, NULL
            FROM generate_series(1, {count}) AS i
            """);
        await _database.Execute("VACUUM (ANALYZE) DeploymentIndex");
    }

    private async Task<long> Scans(string index) =>
        (await _database.Source.Query($"SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = '{index}'", new(), row => row.GetInt64(0), Token)).Single();
}
