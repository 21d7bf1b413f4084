using DeployCard.Contracts.Routing;
using DeployCard.Domain.AsyncCalls;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class CachedRouteTests
{
    private readonly CachedRoute route;
    private int fetches;
    private bool fails;

    public CachedRouteTests() =>
        route = new(() =>
        {
            fetches++;
            return fails ? Task.FromException<Route>(new IOException()) : Task.FromResult(DispatchPlanTests.Route());
        });

    [Fact]
    public async Task Route_is_fetched_once_until_it_is_invalidated()
    {
        await route.Get();
        await route.Get();
        fetches.ShouldBe(1);

        route.Invalidate();
        await route.Get();

        fetches.ShouldBe(2);
    }

    [Fact]
    public async Task Refresh_fetches_a_cached_route_again_and_keeps_it_after_a_failure()
    {
        var cached = await route.Refresh();
        fails = true;

        await Should.ThrowAsync<IOException>(route.Refresh);

        (await route.Get()).ShouldBeSameAs(cached);
    }
}
