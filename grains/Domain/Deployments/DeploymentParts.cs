using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;
using DeployCard.Domain.Autoscaling;
using DeployCard.Domain.Pods;
using DeployCard.Domain.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DeployCard.Domain.Deployments;

/// <summary>The parts of one activation of a deployment grain. Each part owns one invariant.</summary>
/// <param name="Storage">Stored state and history.</param>
/// <param name="Pods">Pods that exist or are starting.</param>
/// <param name="Scaling">Desired number of pods.</param>
/// <param name="Routes">Publication of the route to gateways.</param>
/// <param name="Views">Subscribers of the deployment and their view.</param>
/// <param name="Timers">Timers of the grain.</param>
/// <param name="Reconciler">Order of the effects of a change.</param>
internal sealed record DeploymentParts(
    DeploymentStorage Storage,
    DeploymentPods Pods,
    ScalingLoop Scaling,
    RoutePublication Routes,
    DeploymentViews Views,
    DeploymentTimers Timers,
    DeploymentReconciler Reconciler
);

/// <summary>Creates and connects the parts of a deployment grain.</summary>
internal sealed class DeploymentPartsFactory(
    IGrainFactory grains,
    IPodRuntime runtime,
    IRoutePublisher publisher,
    PodMetrics metrics,
    IOptions<DeploymentOptions> options,
    IOptions<AutoscalerOptions> autoscaling,
    IHostApplicationLifetime lifetime,
    TimeProvider time
)
{
    /// <summary>Creates the parts. The state must have been read.</summary>
    /// <param name="name">Name of the deployment.</param>
    /// <param name="grain">The grain of this activation.</param>
    /// <param name="stored">State of the deployment.</param>
    /// <param name="history">History of the deployment.</param>
    /// <param name="logger">Logger of the grain.</param>
    public DeploymentParts Create(
        DeploymentName name,
        IGrainBase grain,
        IPersistentState<DeploymentState> stored,
        IPersistentState<DeploymentHistory> history,
        ILogger logger
    )
    {
        var listener = new GrainPodListener(grains.GetGrain<IDeploymentGrain>(name.Value));
        var pods = new DeploymentPods(name, listener, runtime, publisher, time, logger);
        var scaling = new ScalingLoop(autoscaling.Value, options.Value.MaxPodsPerDeployment, time);
        var routes = new RoutePublication(publisher, stored.State.RouteVersion, onSuperseded: grain.DeactivateOnIdle, time);
        var views = new DeploymentViews(
            () => DeploymentProjection.CreateView(name, stored.State, pods.View, scaling.Decision),
            view => grains.GetGrain<IFleetGrain>(0).OnDeploymentChanged(view).Ignore(),
            lifetime.ApplicationStopping
        );
        var storage = new DeploymentStorage(name, stored, history, OnRolledBack, OnStale, time, logger);
        var timers = new DeploymentTimers(grain, options.Value.ScalingInterval, time);
        var reconciler = new DeploymentReconciler(name, storage, pods, scaling, routes, views, timers, metrics, time, logger);
        return new(storage, pods, scaling, routes, views, timers, reconciler);

        void OnRolledBack()
        {
            if (stored.State.Exists)
                views.PublishRestored();
        }

        void OnStale()
        {
            views.Abort();
            grain.DeactivateOnIdle();
        }
    }
}
