using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Storage;
using DeployCard.Domain.AsyncCalls;
using DeployCard.Grains.Tests.Storage;
using DeployCard.Grains.Tests.Storage.PostgreSql;
using DeployCard.Grains.Tests.Storage.Sqlite;
using DeployCard.Storage.Stores;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class SqliteAsyncCallStoreTests() : AsyncCallStoreTests(new TestSqliteDatabase());

public sealed class PostgreSqlAsyncCallStoreTests() : AsyncCallStoreTests(new TestPostgreSqlDatabase());

public abstract class AsyncCallStoreTests(ITestDatabase database) : StoreTest<IAsyncCallStore>(database, sql => new AsyncCallStore(sql))
{
    private static readonly DeploymentName Iris = DeploymentName.Parse("iris");
    private static readonly DeploymentName Rose = DeploymentName.Parse("rose");

    [Fact]
    public async Task Call_is_listed_as_it_was_stored()
    {
        var id = await Create(
            Iris,
            0,
            state => state with { Status = CallStatus.Error, ErrorCode = CallErrorCode.HealthTimeout, EndedAt = Start.AddDays(1) }
        );

        (await List(new())).ShouldBe([new(id, CallStatus.Error, CallErrorCode.HealthTimeout, Start, Start.AddDays(1))]);
    }

    [Fact]
    public async Task Calls_of_one_deployment_are_listed_newest_first()
    {
        var old = await Create(Iris, 0);
        await Create(Rose, 1);
        var young = await Create(Iris, 2);

        (await Ids(new())).ShouldBe([young, old]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pages_contain_each_matching_call_exactly_once(bool isBackward)
    {
        CallErrorCode?[] codes = [null, CallErrorCode.Canceled, CallErrorCode.Expired];
        // Groups of four calls have the same creation time.
        for (var i = 0; i < 24; i++)
            await Create(Iris, i / 4, state => state with { Status = (CallStatus)(i % 3), ErrorCode = codes[i % 3 == 2 ? 1 + i % 2 : 0] });
        CallFilter[] filters =
        [
            new(),
            new([CallStatus.Error]),
            new([CallStatus.Queued, CallStatus.Completed, CallStatus.Queued]),
            new(ErrorCodes: [CallErrorCode.Canceled]),
            new([CallStatus.Error, CallStatus.Queued], [CallErrorCode.Canceled, CallErrorCode.Expired]),
            new(From: Start.AddSeconds(1), To: Start.AddSeconds(4)),
            new([CallStatus.Completed], From: Start.AddSeconds(2)),
        ];

        foreach (var filter in filters)
        {
            var pages = await Paging.ReadAll((cursor, back) => Store.List(Iris, filter, new(3, cursor, back), Token), isBackward);

            pages.ShouldBe(await List(filter));
            pages.ShouldBe((await List(new())).Where(call => Matches(filter, call)));
        }
    }

    [Fact]
    public async Task Filter_with_incompatible_status_and_error_code_matches_no_calls()
    {
        await Create(Iris, 0, state => state with { Status = CallStatus.Error, ErrorCode = CallErrorCode.Canceled });

        (await List(new([CallStatus.Queued], [CallErrorCode.Canceled]))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Filter_includes_its_start_time_and_excludes_its_end_time()
    {
        await Create(Iris, 0);
        var inside = await Create(Iris, 1);
        await Create(Iris, 2);

        (await Ids(new(From: Start.AddSeconds(1), To: Start.AddSeconds(2)))).ShouldBe([inside]);
    }

    [Fact]
    public async Task Cursor_stays_valid_after_its_call_was_removed()
    {
        for (var i = 0; i < 5; i++)
            await Create(Iris, i);
        var first = await Store.List(Iris, new(), new(2), Token);
        await Clear("asyncCall", first.Items[1].Item.Id.Value);

        var second = await Store.List(Iris, new(), new(2, first.Items[1].Cursor), Token);

        second.Items.Select(item => item.Item.CreatedAt).ShouldBe([Start.AddSeconds(2), Start.AddSeconds(1)]);
        second.HasPrevious.ShouldBeTrue();
    }

    [Fact]
    public async Task Cursor_of_another_deployment_is_rejected()
    {
        await Create(Iris, 0);
        var cursor = (await Store.List(Iris, new(), new(1), Token)).Items[0].Cursor;

        await Should.ThrowAsync<InvalidCursorException>(() => Store.List(Rose, new(), new(1, cursor), Token));
    }

    [Fact]
    public async Task Open_calls_are_listed_oldest_first()
    {
        var first = await Create(Iris, 0);
        await Create(Iris, 1, state => state with { Status = CallStatus.Completed });
        var second = await Create(Iris, 2);
        var third = await Create(Iris, 3);
        await Create(Rose, 4);

        (await Store.ListOpen(Iris, null, 2, Token)).ShouldBe([first, second]);
        (await Store.ListOpen(Iris, second, 2, Token)).ShouldBe([third]);
    }

    [Fact]
    public async Task List_of_all_calls_contains_open_and_ended_calls()
    {
        var open = await Create(Iris, 0);
        var ended = await Create(Iris, 1, state => state with { Status = CallStatus.Completed });
        await Create(Rose, 2);

        (await Store.ListAll(Iris, 10, Token)).ShouldBe([open, ended], ignoreOrder: true);
        (await Store.ListAll(Iris, 1, Token)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Deployments_with_open_calls_are_listed_once_each()
    {
        foreach (var name in new[] { "c", "a", "b", "a", "c" })
            await Create(DeploymentName.Parse(name), 0);
        await Create(DeploymentName.Parse("d"), 0, state => state with { Status = CallStatus.Error });

        (await Store.ListDeploymentsWithOpen(null, 10, Token)).Select(name => name.Value).ShouldBe(["a", "b", "c"]);
        (await Store.ListDeploymentsWithOpen(DeploymentName.Parse("a"), 1, Token)).Select(name => name.Value).ShouldBe(["b"]);
    }

    private static bool Matches(CallFilter filter, CallSummary call) =>
        (filter.Statuses?.Contains(call.Status) ?? true)
        && (filter.ErrorCodes is null || (call.ErrorCode is { } code && filter.ErrorCodes.Contains(code)))
        && (filter.From is null || call.CreatedAt >= filter.From)
        && (filter.To is null || call.CreatedAt < filter.To);

    private async Task<CallId> Create(DeploymentName deployment, int second, Func<AsyncCallState, AsyncCallState>? change = null)
    {
        var at = Start.AddSeconds(second);
        var id = CallId.Create(at);
        var state = new AsyncCallState
        {
            Id = id.Value,
            Deployment = deployment.Value,
            CreatedAt = at,
        };
        await Write("asyncCall", id.Value, change?.Invoke(state) ?? state);
        return id;
    }

    private async Task<IReadOnlyList<CallSummary>> List(CallFilter filter) =>
        [.. (await Store.List(Iris, filter, new(500), Token)).Items.Select(item => item.Item)];

    private async Task<IEnumerable<CallId>> Ids(CallFilter filter) => (await List(filter)).Select(call => call.Id);
}
