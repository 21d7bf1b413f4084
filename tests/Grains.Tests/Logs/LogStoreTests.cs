using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Grains.Tests.Storage;
using DeployCard.Grains.Tests.Storage.PostgreSql;
using DeployCard.Grains.Tests.Storage.Sqlite;
using DeployCard.Storage.Stores;

namespace DeployCard.Grains.Tests.Logs;

public sealed class SqliteLogStoreTests() : LogStoreTests(new TestSqliteDatabase());

public sealed class PostgreSqlLogStoreTests() : LogStoreTests(new TestPostgreSqlDatabase());

public abstract class LogStoreTests(ITestDatabase database) : StoreTest<ILogStore>(database, sql => new LogStore(sql))
{
    private static readonly DeploymentName Iris = DeploymentName.Parse("iris");

    [Fact]
    public async Task Newest_blocks_are_read_in_ascending_order()
    {
        for (var i = 0; i < 5; i++)
            await Append(i * 10, size: 100);

        (await Read(250)).ShouldBe([30, 40]);
        (await Read(300)).ShouldBe([20, 30, 40]);
        (await Read(10_000)).ShouldBe([0, 10, 20, 30, 40]);
    }

    [Fact]
    public async Task Newest_block_is_read_even_if_it_exceeds_the_limit()
    {
        await Append(0, size: 10);
        await Append(10, size: 1000);

        (await Read(1)).ShouldBe([10]);
        (await Store.ReadNewest(DeploymentName.Parse("rose"), 1000, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Block_with_the_same_first_number_is_replaced()
    {
        await Append(0, size: 1000);
        await Store.Append(Iris, new(0, 2, [1, 2, 3]), Token);

        var block = (await Store.ReadNewest(Iris, 3, Token)).Single();
        (block.FirstSequence, block.Lines).ShouldBe((0, 2));
        block.Payload.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task Blocks_below_a_number_are_deleted()
    {
        for (var i = 0; i < 5; i++)
            await Append(i * 10, size: 1);

        await Store.DeleteBefore(Iris, 20, Token);
        (await Read(1000)).ShouldBe([20, 30, 40]);

        await Store.DeleteBefore(Iris, long.MaxValue, Token);
        (await Read(1000)).ShouldBeEmpty();
    }

    private Task Append(long sequence, int size) => Store.Append(Iris, new(sequence, 10, new byte[size]), Token);

    private async Task<IEnumerable<long>> Read(long maxBytes) =>
        (await Store.ReadNewest(Iris, maxBytes, Token)).Select(block => block.FirstSequence);
}
