using System.Collections.Concurrent;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Routing;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Services;

namespace DeployCard.Domain.Routing;

internal sealed partial class RoutePublisher(IServiceProvider services, TimeProvider time, ILogger<RoutePublisher> logger)
    : GrainServiceClient<IGatewayService>(services),
        IRoutePublisher
{
    /// <summary>
    /// Time to wait for a gateway to acknowledge a route. It is half of the second within which a revoked key must be rejected.
    /// </summary>
    private static readonly TimeSpan PublishTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>Time to wait for the load of a pod from a gateway. Callers poll the load, so a later response is worthless.</summary>
    private static readonly TimeSpan LoadTimeout = TimeSpan.FromSeconds(2);

    // Routes that gateways have not acknowledged: the newest one per silo and deployment.
    private readonly ConcurrentDictionary<(SiloAddress Silo, DeploymentName Deployment), Route> unacknowledged = new();
    private readonly IGrainFactory grains = services.GetRequiredService<IGrainFactory>();
    private readonly ISiloStatusOracle silos = services.GetRequiredService<ISiloStatusOracle>();

    public async Task<RoutePublishResult> Publish(Route route, CancellationToken cancellationToken)
    {
        var versions = await Task.WhenAll(ActiveSilos().Select(silo => Publish(silo, route, cancellationToken)));
        return new(versions.All(version => version is not null), versions.Max() ?? 0);
    }

    public async Task<PodLoad?> GetPodLoad(DeploymentName deployment, PodName pod, CancellationToken cancellationToken)
    {
        var loads = await Task.WhenAll(ActiveSilos().Select(silo => GetLoadFrom(silo, deployment, pod, cancellationToken)));
        return loads.Aggregate<PodLoad?, PodLoad?>(default(PodLoad), (sum, load) => sum + load);
    }

    private async Task<PodLoad?> GetLoadFrom(SiloAddress silo, DeploymentName deployment, PodName pod, CancellationToken cancellationToken)
    {
        try
        {
            return await GetGrainService(silo).GetPodLoad(deployment, pod).WaitAsync(LoadTimeout, time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            // The requests of a dead gateway have ended; an unresponsive gateway may still have requests.
            return silos.IsDeadSilo(silo) ? default(PodLoad) : null;
        }
    }

    /// <summary>
    /// Sends a route to one gateway and starts retrying if it is not acknowledged. Returns the version that the gateway has afterwards;
    /// null if it did not respond.
    /// </summary>
    private async Task<long?> Publish(SiloAddress silo, Route route, CancellationToken cancellationToken)
    {
        if (await Send(silo, route, cancellationToken) is { } version)
            return version;
        LogNotAcknowledged(logger, silo, route.Deployment, route.Version);
        // Not awaited: the task ends when the gateway acknowledges the route, or when its silo leaves.
        if (unacknowledged.TryAdd((silo, route.Deployment), route))
            _ = RetryUntilAcknowledged(silo, route.Deployment);
        else
            unacknowledged[(silo, route.Deployment)] = route;
        return null;
    }

    private async Task<long?> Send(SiloAddress silo, Route route, CancellationToken cancellationToken)
    {
        try
        {
            return await GetGrainService(silo).ApplyRoute(route).WaitAsync(PublishTimeout, time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            return null;
        }
    }

    /// <summary>Retries until the gateway has acknowledged the newest route that it missed, or until its silo leaves the cluster.</summary>
    private async Task RetryUntilAcknowledged(SiloAddress silo, DeploymentName deployment)
    {
        var key = (silo, deployment);
        while (ActiveSilos().Contains(silo))
        {
            var route = unacknowledged[key];
            if (
                await Send(silo, route, CancellationToken.None) is { } version
                && await NotifyIfNewer(route, version)
                && unacknowledged.TryRemove(new(key, route))
            )
                return;
            await Task.Delay(PublishTimeout, time);
        }

        unacknowledged.TryRemove(key, out _);
    }

    /// <summary>
    /// Notifies the deployment if the gateway holds a newer version than <paramref name="route"/>. Returns whether the deployment knows of
    /// that version, or there is nothing to report.
    /// </summary>
    private async Task<bool> NotifyIfNewer(Route route, long version)
    {
        if (version <= route.Version)
            return true;
        try
        {
            await grains.GetGrain<IDeploymentGrain>(route.Deployment.Value).OnNewerRoute(version);
            return true;
        }
        catch (Exception)
        {
            // The deployment cannot be activated, for example because storage is unavailable. The next retry notifies it again.
            return false;
        }
    }

    private List<SiloAddress> ActiveSilos() => [.. silos.GetApproximateSiloStatuses(onlyActive: true).Keys];

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Silo {Silo} did not acknowledge route version {Version} of deployment {Deployment} in time; sending will be retried"
    )]
    private static partial void LogNotAcknowledged(ILogger logger, SiloAddress silo, DeploymentName deployment, long version);
}
