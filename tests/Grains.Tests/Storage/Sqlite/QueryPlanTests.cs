using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Retention;
using DeployCard.Contracts.Storage;
using DeployCard.Storage.Sql;
using DeployCard.Storage.Sqlite;
using DeployCard.Storage.Stores;

namespace DeployCard.Grains.Tests.Storage.Sqlite;

/// <summary>
/// Checks the query plans of lists: SQLite must seek in an index that has the order of the list, so that every page costs the same.
/// </summary>
public sealed class QueryPlanTests : IAsyncDisposable
{
    private static readonly DeploymentName Iris = DeploymentName.Parse("iris");
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly TestSqliteDatabase database = new();
    private readonly RecordingDataSource source;

    public QueryPlanTests() => source = new(database.Source);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Pages_of_calls_seek_in_an_index()
    {
        var store = new AsyncCallStore(new SqliteDatabase(source));
        CallFilter[] filters =
        [
            new(),
            new([CallStatus.Error]),
            new([CallStatus.Error, CallStatus.Queued]),
            new(ErrorCodes: [CallErrorCode.Canceled, CallErrorCode.Expired]),
            new([CallStatus.Error], [CallErrorCode.Canceled]),
            new([CallStatus.Error], From: At, To: At.AddDays(1)),
        ];
        var cursor = Cursor.Encode("calls of iris", [StorageTime.ToText(At), CallId.Create(At).Value]);
        foreach (var filter in filters)
        {
            foreach (
                var page in new PageRequest[] { new(50), new(50, IsBackward: true), new(50, cursor), new(50, cursor, IsBackward: true) }
            )
                await store.List(Iris, filter, page, Token);
        }

        var plans = await source.GetPlans(Token);

        plans.ShouldAllBe(plan => plan.Contains("SEARCH") && !plan.Contains("SCAN") && !plan.Contains("TEMP B-TREE"));
        plans.Where(plan => plan.Contains("@above") || plan.Contains("@below")).ShouldAllBe(plan => plan.Contains("(createdAt,id)"));
        plans.Where(plan => plan.Contains("errorCode0")).ShouldAllBe(plan => plan.Contains("AsyncCallIndex_Error"));
    }

    [Fact]
    public async Task Pages_of_deployments_read_an_index_in_its_order()
    {
        var store = new DeploymentStore(new SqliteDatabase(source));
        foreach (var order in Enum.GetValues<DeploymentOrder>())
        {
            var cursor =
                order == DeploymentOrder.Name
                    ? Cursor.Encode("deployments by name", ["iris"])
                    : Cursor.Encode("deployments newest first", [StorageTime.ToText(At), "iris"]);
            foreach (
                var filter in new DeploymentFilter[]
                {
                    new(),
                    new("x"),
                    new(Statuses: [DeploymentStatus.Ready]),
                    new(Statuses: [DeploymentStatus.Ready, DeploymentStatus.Idle]),
                }
            )
            {
                await store.List(filter, order, new(50), Token);
                await store.List(filter, order, new(50, cursor), Token);
                await store.List(filter, order, new(50, cursor, IsBackward: true), Token);
            }
        }

        var plans = await source.GetPlans(Token);

        // Without a cursor or a status there is no seek: the index is read from its end up to the limit of the page.
        plans.ShouldAllBe(plan => !plan.Contains("TEMP B-TREE"));
        plans
            .Where(plan => plan.Contains("@status0") || plan.Contains("@above") || plan.Contains("@below"))
            .ShouldAllBe(plan => !plan.Contains("SCAN"));
    }

    [Fact]
    public async Task Other_lists_seek_in_an_index()
    {
        await new DeploymentStore(new SqliteDatabase(source)).ListActive(Iris, 10, Token);
        await new AsyncCallStore(new SqliteDatabase(source)).ListOpen(Iris, CallId.Create(At), 10, Token);
        await new AsyncCallStore(new SqliteDatabase(source)).ListAll(Iris, 10, Token);
        await new KeyStore(new SqliteDatabase(source)).List([Iris], Token);
        await new KeyStore(new SqliteDatabase(source)).Find("hash", Token);
        await new RetentionStore(new SqliteDatabase(source)).ListDue(At, new(DueKind.Key, "hash", At), 10, Token);

        (await source.GetPlans(Token)).ShouldAllBe(plan =>
            plan.Contains("SEARCH") && !plan.Contains("SCAN") && !plan.Contains("TEMP B-TREE")
        );
    }

    [Fact]
    public async Task List_of_deployments_with_open_calls_does_not_scan_the_calls()
    {
        await new AsyncCallStore(new SqliteDatabase(source)).ListDeploymentsWithOpen(Iris, 10, Token);

        (await source.GetPlans(Token)).Single().ShouldNotContain("SCAN AsyncCallIndex");
    }
}
