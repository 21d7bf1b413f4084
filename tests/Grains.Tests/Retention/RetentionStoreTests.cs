using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Retention;
using DeployCard.Grains.Tests.Storage;
using DeployCard.Grains.Tests.Storage.Sqlite;

namespace DeployCard.Grains.Tests.Retention;

public sealed class SqliteRetentionStoreTests() : RetentionStoreTests(new SqliteDatabase());

public abstract class RetentionStoreTests : StorageTest
{
    private readonly RetentionStore _store;

    protected RetentionStoreTests(ITestDatabase database) : base(database) => _store = new(Source);

    [Fact]
    public async Task What_is_due_is_listed_longest_due_first()
    {
        var call = CallId.New(Start).Value;
        await Write("key", "hash", new KeyState { Id = "k", Hash = "hash", DueAt = Start.AddSeconds(2) });
        await Write("asyncCall", call, new AsyncCallState { Id = call, DueAt = Start.AddSeconds(1) });
        await Write("deployment", "iris", new DeploymentState { Name = "iris", DueAt = Start });
        await Write("deployment", "rose", new DeploymentState { Name = "rose", DueAt = Start.AddSeconds(3) });
        await Write("deployment", "lily", new DeploymentState { Name = "lily" });

        DueItem[] due =
        [
            new(DueKind.Deployment, "iris", Start),
            new(DueKind.AsyncCall, call, Start.AddSeconds(1)),
            new(DueKind.Key, "hash", Start.AddSeconds(2)),
        ];
        (await _store.ListDue(Start.AddSeconds(2), 10, Token)).ShouldBe(due);
        (await _store.ListDue(Start.AddSeconds(2), 1, Token)).ShouldBe(due[..1]);
    }

    [Fact]
    public async Task What_was_put_off_is_not_due()
    {
        await Write("key", "hash", new KeyState { Id = "k", Hash = "hash", DueAt = Start });
        await Write("key", "hash", new KeyState { Id = "k", Hash = "hash", DueAt = Start.AddDays(1) });

        (await _store.ListDue(Start, 10, Token)).ShouldBeEmpty();
    }
}
