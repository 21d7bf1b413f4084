using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Names;
using DeployCard.Grains.Tests.Storage;
using DeployCard.Grains.Tests.Storage.PostgreSql;
using DeployCard.Grains.Tests.Storage.Sqlite;
using DeployCard.Storage.Stores;

namespace DeployCard.Grains.Tests.Monitoring;

public sealed class SqliteMonitorStoreTests() : MonitorStoreTests(new TestSqliteDatabase());

public sealed class PostgreSqlMonitorStoreTests() : MonitorStoreTests(new TestPostgreSqlDatabase());

public abstract class MonitorStoreTests(ITestDatabase database) : StoreTest<IMonitorStore>(database, sql => new MonitorStore(sql))
{
    private static readonly DeploymentName Iris = DeploymentName.Parse("iris");
    private static readonly DeploymentName Rose = DeploymentName.Parse("rose");

    [Fact]
    public async Task Blocks_from_a_minute_on_are_read_oldest_first()
    {
        foreach (var minute in new[] { 30, 0, 15 })
            await Store.Write(Iris, new(minute, [(byte)minute]), Token);
        await Store.Write(Rose, new(15, [1]), Token);

        (await Read(Iris, 15)).ShouldBe([15, 30]);
        (await Read(Iris, 0)).ShouldBe([0, 15, 30]);
        (await Read(Rose, 0)).ShouldBe([15]);
    }

    [Fact]
    public async Task Block_written_again_replaces_the_first_version()
    {
        await Store.Write(Iris, new(0, [1]), Token);
        await Store.Write(Iris, new(0, [2, 3]), Token);

        (await Store.Read(Iris, 0, Token)).ShouldHaveSingleItem().Payload.ShouldBe([2, 3]);
    }

    [Fact]
    public async Task Old_blocks_of_all_deployments_are_deleted_up_to_a_limit()
    {
        for (var minute = 0; minute < 60; minute += 15)
        {
            await Store.Write(Iris, new(minute, [1]), Token);
            await Store.Write(Rose, new(minute, [1]), Token);
        }

        (await Store.DeleteBefore(30, 3, Token)).ShouldBe(3);
        (await Store.DeleteBefore(30, 3, Token)).ShouldBe(1);
        (await Store.DeleteBefore(30, 3, Token)).ShouldBe(0);
        (await Read(Iris, 0)).ShouldBe([30, 45]);
        (await Read(Rose, 0)).ShouldBe([30, 45]);
    }

    [Fact]
    public async Task Deletion_removes_all_blocks_of_one_deployment()
    {
        await Store.Write(Iris, new(0, [1]), Token);
        await Store.Write(Rose, new(0, [1]), Token);

        await Store.Delete(Iris, Token);

        (await Read(Iris, 0)).ShouldBeEmpty();
        (await Read(Rose, 0)).ShouldBe([0]);
    }

    private async Task<IEnumerable<long>> Read(DeploymentName deployment, long from) =>
        (await Store.Read(deployment, from, Token)).Select(block => block.FirstMinute);
}
