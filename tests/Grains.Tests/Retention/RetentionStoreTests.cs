using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Retention;
using DeployCard.Domain.AsyncCalls;
using DeployCard.Domain.Deployments;
using DeployCard.Domain.Keys;
using DeployCard.Grains.Tests.Storage;
using DeployCard.Grains.Tests.Storage.PostgreSql;
using DeployCard.Grains.Tests.Storage.Sqlite;
using DeployCard.Storage.Stores;

namespace DeployCard.Grains.Tests.Retention;

public sealed class SqliteRetentionStoreTests() : RetentionStoreTests(new TestSqliteDatabase());

public sealed class PostgreSqlRetentionStoreTests() : RetentionStoreTests(new TestPostgreSqlDatabase());

public abstract class RetentionStoreTests(ITestDatabase database) : StoreTest<IRetentionStore>(database, sql => new RetentionStore(sql))
{
    [Fact]
    public async Task Due_items_are_listed_in_the_order_of_their_due_time()
    {
        var call = CallId.Create(Start).Value;
        await Write(
            "key",
            "hash",
            new KeyState
            {
                Id = "k",
                Hash = "hash",
                DueAt = Start.AddSeconds(2),
            }
        );
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
        (await Store.ListDue(Start.AddSeconds(2), null, 10, Token)).ShouldBe(due);
        (await Store.ListDue(Start.AddSeconds(2), null, 1, Token)).ShouldBe(due[..1]);
        (await Store.ListDue(Start.AddSeconds(2), due[0], 10, Token)).ShouldBe(due[1..]);
        (await Store.ListDue(Start.AddSeconds(2), due[2], 10, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Pages_list_each_of_several_items_with_the_same_due_time_once()
    {
        var calls = Enumerable.Range(0, 7).Select(i => CallId.Create(Start.AddSeconds(i)).Value).ToList();
        foreach (var call in calls)
            await Write("asyncCall", call, new AsyncCallState { Id = call, DueAt = Start });

        var listed = new List<string>();
        for (
            IReadOnlyList<DueItem> page = await Store.ListDue(Start, null, 3, Token);
            page.Count > 0;
            page = await Store.ListDue(Start, page[^1], 3, Token)
        )
            listed.AddRange(page.Select(item => item.Key));

        listed.ShouldBe(calls);
    }

    [Fact]
    public async Task Item_whose_due_time_was_postponed_is_not_due()
    {
        await Write(
            "key",
            "hash",
            new KeyState
            {
                Id = "k",
                Hash = "hash",
                DueAt = Start,
            }
        );
        await Write(
            "key",
            "hash",
            new KeyState
            {
                Id = "k",
                Hash = "hash",
                DueAt = Start.AddDays(1),
            }
        );

        (await Store.ListDue(Start, null, 10, Token)).ShouldBeEmpty();
    }
}
