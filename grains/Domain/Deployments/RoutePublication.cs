using DeployCard.Contracts.Routing;
using DeployCard.Domain.Routing;

namespace DeployCard.Domain.Deployments;

/// <summary>
/// Owns the version of the route and its acknowledgement. Invariant: each published route has a higher version than all routes before it,
/// also those of earlier activations, and <see cref="AllAcknowledged"/> describes the latest route. A route with unchanged content is not
/// published again.
/// </summary>
/// <param name="routes">Connection to the gateways.</param>
/// <param name="storedVersion">Version of the last stored route; 0 if none was stored.</param>
/// <param name="onSuperseded">Called when another activation owns the deployment; this activation must then deactivate.</param>
/// <param name="time">
/// Clock of the first version. The current time exceeds every version that an earlier activation can have published, so that publishing a
/// route needs no write.
/// </param>
internal sealed class RoutePublication(IRoutePublisher routes, long storedVersion, Action onSuperseded, TimeProvider time)
{
    private Route? latest;

    // True once every gateway has acknowledged a route from this activation. A newer version after that belongs to a newer activation.
    private bool hasEverBeenAcknowledged;

    /// <summary>Version of the latest route, or of the routes before it if none was published.</summary>
    public long Version { get; private set; } = Math.Max(storedVersion, time.GetUtcNow().UtcTicks);

    /// <summary>Whether every gateway has acknowledged the latest route.</summary>
    public bool AllAcknowledged { get; private set; }

    /// <summary>Publishes a route under a new version if its content has changed. Returns <see cref="AllAcknowledged"/>.</summary>
    /// <param name="content">The route; its version is replaced.</param>
    /// <param name="cancellationToken">Cancels waiting for the gateways.</param>
    public async Task<bool> Publish(Route content, CancellationToken cancellationToken)
    {
        if (latest is not null && content.HasSameContentAs(latest))
            return AllAcknowledged;
        latest = content with { Version = ++Version };
        await Apply(latest, await routes.Publish(latest, cancellationToken), cancellationToken);
        return AllAcknowledged;
    }

    /// <summary>Processes the report that a gateway holds a newer route than the latest one; an outdated report is ignored.</summary>
    /// <param name="newest">Version of the route that the gateway holds.</param>
    public async Task OnNewer(long newest)
    {
        if (latest is not null && newest > latest.Version)
            await Apply(latest, new(false, newest), CancellationToken.None);
    }

    /// <summary>
    /// Processes the result of publishing a route. If a gateway already holds a newer route from an earlier activation, the route is
    /// published again with a higher version.
    /// </summary>
    private async Task Apply(Route published, RoutePublishResult result, CancellationToken cancellationToken)
    {
        var isSuperseded = result.HighestVersion > published.Version;
        if (isSuperseded && hasEverBeenAcknowledged)
        {
            // Another activation owns the deployment now.
            onSuperseded();
        }
        else if (isSuperseded)
        {
            // The clock of the previous silo was ahead of the clock of this one.
            Version = result.HighestVersion + 1;
            latest = published with { Version = Version };
            result = await routes.Publish(latest, cancellationToken);
        }

        AllAcknowledged = result.AllAcknowledged;
        hasEverBeenAcknowledged |= AllAcknowledged;
    }
}
