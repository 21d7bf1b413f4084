using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Names;
using DeployCard.Domain.Keys;
using DeployCard.Grains.Tests.Storage;
using DeployCard.Grains.Tests.Storage.PostgreSql;
using DeployCard.Grains.Tests.Storage.Sqlite;
using DeployCard.Storage.Stores;

namespace DeployCard.Grains.Tests.Keys;

public sealed class SqliteKeyStoreTests() : KeyStoreTests(new TestSqliteDatabase());

public sealed class PostgreSqlKeyStoreTests() : KeyStoreTests(new TestPostgreSqlDatabase());

public abstract class KeyStoreTests(ITestDatabase database) : StoreTest<IKeyStore>(database, sql => new KeyStore(sql))
{
    private static readonly DeploymentName Iris = DeploymentName.Parse("iris");

    [Fact]
    public async Task Key_is_found_by_its_hash_with_the_stored_values()
    {
        await Create(
            "k1",
            "iris",
            0,
            state => (state.ExpiresAt, state.RevokedAt, state.LastUsedAt) = (Start.AddDays(1), Start.AddDays(2), Start.AddDays(3))
        );

        (await Store.Find("hash-k1", Token)).ShouldBe(
            new("k1", "hash-k1", Iris, "name", "dc_", Start, "anna", Start.AddDays(1), Start.AddDays(2), Start.AddDays(3))
        );
        (await Store.Find("hash-k2", Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Keys_of_a_deployment_are_listed_newest_first_including_revoked_ones()
    {
        await Create("k1", "iris", 0, state => state.RevokedAt = Start);
        await Create("k2", "iris", 5);
        await Create("k3", "rose", 9);
        await Create("k4", "tulip", 7);

        (await Store.List([Iris], Token)).Select(key => key.Id).ShouldBe(["k2", "k1"]);
        (await Store.List([DeploymentName.Parse("rose"), Iris], Token)).Select(key => key.Id).ShouldBe(["k3", "k2", "k1"]);
    }

    [Fact]
    public async Task Removed_key_is_not_found()
    {
        await Create("k1", "iris", 0);
        await Clear("key", "hash-k1");

        (await Store.Find("hash-k1", Token)).ShouldBeNull();
    }

    private Task Create(string id, string deployment, int second, Action<KeyState>? change = null)
    {
        var state = new KeyState
        {
            Id = id,
            Hash = $"hash-{id}",
            Deployment = deployment,
            Name = "name",
            Prefix = "dc_",
            CreatedAt = Start.AddSeconds(second),
            CreatedBy = "anna",
        };
        change?.Invoke(state);
        return Write("key", state.Hash, state);
    }
}
