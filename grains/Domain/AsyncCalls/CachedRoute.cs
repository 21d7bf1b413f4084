using DeployCard.Contracts.Routing;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// The route of a queue's deployment. <see cref="Get"/> returns the route that was fetched last, unless it was invalidated since then. The
/// queue invalidates it with every tick and every wake-up, so a dispatch uses a route that is at most one tick old.
/// </summary>
/// <param name="fetch">Requests the current route from the deployment.</param>
internal sealed class CachedRoute(Func<Task<Route>> fetch)
{
    private Route? current;

    /// <summary>Returns the cached route, or fetches it if there is none.</summary>
    public async Task<Route> Get() => current ?? await Refresh();

    /// <summary>Fetches and caches the current route. After a failure, the cached route stays.</summary>
    public async Task<Route> Refresh() => current = await fetch();

    /// <summary>Discards the cached route.</summary>
    public void Invalidate() => current = null;
}
