using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Monitoring.Alerts;
using DeployCard.Contracts.Names;
using DeployCard.Grains.Tests.Storage;
using DeployCard.Grains.Tests.Storage.PostgreSql;
using DeployCard.Grains.Tests.Storage.Sqlite;
using DeployCard.Storage.Stores;

namespace DeployCard.Grains.Tests.Monitoring.Alerts;

public sealed class SqliteAlertStoreTests() : AlertStoreTests(new TestSqliteDatabase());

public sealed class PostgreSqlAlertStoreTests() : AlertStoreTests(new TestPostgreSqlDatabase());

public abstract class AlertStoreTests(ITestDatabase database) : StoreTest<IAlertStore>(database, sql => new AlertStore(sql))
{
    private static readonly DateTimeOffset At = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DeploymentName Iris = DeploymentName.Parse("iris");
    private static readonly DeploymentName Rose = DeploymentName.Parse("rose");
    private static readonly AlertState Fires = new(AlertRule.BacklogAge, At, At.AddMinutes(5), At.AddMinutes(6), 901.5, 900, 2);
    private static readonly AlertNotice Notice = new(EventKind.AlertResolved, "Resolved.");

    [Fact]
    public async Task Alerts_of_several_deployments_are_read_together_in_their_last_version()
    {
        await Store.Write(Iris, new([], [Notice]), Token);
        await Store.Write(Iris, new([Fires], [Notice]), Token);
        await Store.Write(Rose, new([], [Notice]), Token);

        var read = await Store.Read([Iris, Rose, DeploymentName.Parse("tulip")], Token);

        read.Keys.ShouldBe([Iris, Rose], ignoreOrder: true);
        (read[Iris].Firing.ShouldHaveSingleItem(), read[Iris].Notices.ShouldHaveSingleItem()).ShouldBe((Fires, Notice));
        (await Store.List(null, 10, Token)).ShouldBe([Iris, Rose]);
        (await Store.List(Iris, 10, Token)).ShouldBe([Rose]);
    }

    [Fact]
    public async Task Row_is_deleted_when_no_alerts_and_notices_are_left()
    {
        await Store.Write(Iris, new([Fires], []), Token);

        await Store.Write(Iris, new([], []), Token);

        (await Store.List(null, 10, Token)).ShouldBeEmpty();
        (await Store.Read([Iris], Token)).ShouldBeEmpty();
    }
}
