using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Services;

namespace DeployCard.Grains.Routing;

internal sealed partial class RoutePublisher(IServiceProvider services, TimeProvider time, ILogger<RoutePublisher> logger)
    : GrainServiceClient<IGatewayService>(services), IRoutePublisher
{
    /// <summary>A gateway that is slower than this holds nobody up: half of the second within which a revoked key must be refused.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>Who asks what gateways have of a pod asks again and again, for minutes where need be; an answer later than this is no news.</summary>
    private static readonly TimeSpan LoadPatience = TimeSpan.FromSeconds(2);

    private readonly ISiloStatusOracle silos = services.GetRequiredService<ISiloStatusOracle>();

    public async Task<bool> Publish(Route route, CancellationToken cancellationToken)
    {
        var taken = await Task.WhenAll(ActiveSilos().Select(silo => Publish(silo, route, cancellationToken)));
        return taken.All(isTaken => isTaken);
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

    private async Task<bool> Publish(SiloAddress silo, Route route, CancellationToken cancellationToken)
    {
        try
        {
            await GetGrainService(silo).Receive(route).WaitAsync(Patience, time, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            LogNotTaken(logger, e, silo, route.Deployment, route.Version);
            return false;
        }
    }

    private List<SiloAddress> ActiveSilos() => [.. silos.GetApproximateSiloStatuses(onlyActive: true).Keys];

    [LoggerMessage(Level = LogLevel.Warning, Message = "The gateway of silo {Silo} did not take route {Version} of deployment {Deployment} in time")]
    private static partial void LogNotTaken(ILogger logger, Exception exception, SiloAddress silo, DeploymentName deployment, long version);
}
