using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Domain.AsyncCalls;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class QueuePositionsTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CallId[] Ids = [.. Enumerable.Range(0, 6).Select(i => CallId.Create(Start.AddSeconds(i)))];

    private readonly FakeTimeProvider time = new(Start);
    private readonly CallStoreDouble store = new();
    private readonly CallWindow window = new();
    private readonly QueuePositions positions;
    private int fetches;

    public QueuePositionsTests()
    {
        var route = new CachedRoute(() =>
        {
            fetches++;
            return Task.FromResult(DispatchPlanTests.Route(pods: 3));
        });
        positions = new(DeploymentName.Parse("iris"), window, store, route, () => Task.FromResult<DeploymentView?>(null), time);
        store.Open.UnionWith(Ids);
        foreach (var id in Ids[..3])
            window.Add(id);
    }

    [Fact]
    public async Task Positions_continue_from_the_window_into_storage_without_a_gap()
    {
        var status = await positions.GetStatus([Ids[5], Ids[0], Ids[3], Ids[0]]);

        status.ReadyPods.ShouldBe(3);
        status.Positions.ShouldBe(
            new Dictionary<CallId, long>
            {
                [Ids[0]] = 1,
                [Ids[3]] = 4,
                [Ids[5]] = 6,
            },
            ignoreOrder: true
        );
    }

    [Fact]
    public async Task Call_at_a_pod_has_no_position_and_the_others_move_up()
    {
        window.Dequeue();
        window.SetInFlight(Ids[0], true);

        var status = await positions.GetStatus([Ids[0], Ids[1]]);

        status.Positions.ShouldHaveSingleItem().ShouldBe(new(Ids[1], 1));
    }

    [Fact]
    public async Task Status_is_cached_for_a_second()
    {
        await positions.GetStatus([]);
        window.Dequeue();
        window.SetInFlight(Ids[0], true);

        (await positions.GetStatus([Ids[1]])).Positions[Ids[1]].ShouldBe(2);
        fetches.ShouldBe(1);
        time.Advance(QueuePositions.CacheDuration);

        (await positions.GetStatus([Ids[1]])).Positions[Ids[1]].ShouldBe(1);
        fetches.ShouldBe(2);
    }
}
