using System.Collections.Concurrent;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Services;

namespace DeployCard.Grains.Routing;

internal sealed partial class RoutePublisher(IServiceProvider services, TimeProvider time, ILogger<RoutePublisher> logger)
    : GrainServiceClient<IGatewayService>(services),
        IRoutePublisher
{
    /// <summary>A gateway that is slower than this holds nobody up: half of the second within which a revoked key must be refused.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>Who asks what gateways have of a pod asks again and again, for minutes where need be; an answer later than this is no news.</summary>
    private static readonly TimeSpan LoadPatience = TimeSpan.FromSeconds(2);

    // What gateways have missed, the newest of each deployment.
    private readonly ConcurrentDictionary<(SiloAddress Silo, DeploymentName Deployment), Route> late = new();
    private readonly IGrainFactory grains = services.GetRequiredService<IGrainFactory>();
    private readonly ISiloStatusOracle silos = services.GetRequiredService<ISiloStatusOracle>();

    public async Task<RouteReceipt> Publish(Route route, CancellationToken cancellationToken)
    {
        var versions = await Task.WhenAll(ActiveSilos().Select(silo => Publish(silo, route, cancellationToken)));
        return new(versions.All(version => version is not null), versions.Max() ?? 0);
    }

    public async Task<PodLoad?> LoadOf(DeploymentName deployment, PodName pod, CancellationToken cancellationToken)
    {
        var loads = await Task.WhenAll(ActiveSilos().Select(silo => LoadOf(silo, deployment, pod, cancellationToken)));
        return loads.Aggregate<PodLoad?, PodLoad?>(default(PodLoad), (sum, load) => sum + load);
    }

    private async Task<PodLoad?> LoadOf(SiloAddress silo, DeploymentName deployment, PodName pod, CancellationToken cancellationToken)
    {
        try
        {
            return await GetGrainService(silo).LoadOf(deployment, pod).WaitAsync(LoadPatience, time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            // The requests of a gateway that died are over; one that is only silent may still have some.
            return silos.IsDeadSilo(silo) ? default(PodLoad) : null;
        }
    }

    /// <summary>The version that the silo's gateway has then; null where it did not answer.</summary>
    private async Task<long?> Publish(SiloAddress silo, Route route, CancellationToken cancellationToken)
    {
        if (await Give(silo, route, cancellationToken) is { } version)
            return version;
        LogNotTaken(logger, silo, route.Deployment, route.Version);
        // Not awaited: it ends with the silo, or with the next route.
        if (late.TryAdd((silo, route.Deployment), route))
            _ = KeepGiving(silo, route.Deployment);
        else
            late[(silo, route.Deployment)] = route;
        return null;
    }

    private async Task<long?> Give(SiloAddress silo, Route route, CancellationToken cancellationToken)
    {
        try
        {
            return await GetGrainService(silo).Receive(route).WaitAsync(Patience, time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            return null;
        }
    }

    /// <summary>Until the gateway has the newest route that it missed, or its silo is no member any more.</summary>
    private async Task KeepGiving(SiloAddress silo, DeploymentName deployment)
    {
        var missed = (silo, deployment);
        while (ActiveSilos().Contains(silo))
        {
            var route = late[missed];
            if (
                await Give(silo, route, CancellationToken.None) is { } version
                && await IsTold(route, version)
                && late.TryRemove(new(missed, route))
            )
                return;
            await Task.Delay(Patience, time);
        }

        late.TryRemove(missed, out _);
    }

    /// <summary>Whether the deployment knows of a version that is newer than its own route, where there is one.</summary>
    private async Task<bool> IsTold(Route route, long version)
    {
        if (version <= route.Version)
            return true;
        try
        {
            await grains.GetGrain<IDeploymentGrain>(route.Deployment.Value).RouteOvertaken(version);
            return true;
        }
        catch (Exception)
        {
            // Whatever keeps the deployment from coming up, its storage perhaps: it is told the next time that the gateway is asked.
            return false;
        }
    }

    private List<SiloAddress> ActiveSilos() => [.. silos.GetApproximateSiloStatuses(onlyActive: true).Keys];

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The gateway of silo {Silo} did not take route {Version} of deployment {Deployment} in time; it gets it as soon as it answers"
    )]
    private static partial void LogNotTaken(ILogger logger, SiloAddress silo, DeploymentName deployment, long version);
}
