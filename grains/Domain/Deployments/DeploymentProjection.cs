using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Routing;
using DeployCard.Domain.Autoscaling;

namespace DeployCard.Domain.Deployments;

/// <summary>Derives the view for users and the route for gateways from the state and the pods of a deployment.</summary>
internal static class DeploymentProjection
{
    /// <summary>Creates the view of a deployment that exists.</summary>
    /// <param name="name">Name of the deployment.</param>
    /// <param name="state">State of the deployment.</param>
    /// <param name="pods">All pods, including the draining ones.</param>
    /// <param name="scaling">The latest scaling decision.</param>
    public static DeploymentView CreateView(
        DeploymentName name,
        DeploymentState state,
        IReadOnlyList<PodObservation> pods,
        ScalingDecision scaling
    ) =>
        new()
        {
            Name = name,
            Title = state.Title,
            Status = state.Status,
            CreatedAt = state.CreatedAt,
            CreatedBy = state.CreatedBy,
            UpdatedAt = state.UpdatedAt,
            DeletedAt = state.DeletedAt,
            PurgeAt = state.DueAt,
            Revisions = [.. Enumerable.Reverse(state.Revisions)],
            Pods = [.. pods],
            Failure = state.Failure,
            DesiredPods = scaling.Pods,
            ScalingReason = scaling.Reason,
            ScalingDecidedAt = scaling.At,
            WebhookSecrets = [.. state.WebhookSecrets],
        };

    /// <summary>Creates the route of a name, with version 0. A name without a deployment has a route too.</summary>
    /// <param name="name">Name of the deployment.</param>
    /// <param name="state">State of the deployment.</param>
    /// <param name="live">The pods that are not draining.</param>
    /// <param name="arePodsKnown">Whether the runtime has reported the pods at least once.</param>
    /// <param name="without">Pods that the route leaves out because they are about to drain.</param>
    public static Route CreateRoute(
        DeploymentName name,
        DeploymentState state,
        IReadOnlyList<PodObservation> live,
        bool arePodsKnown,
        IReadOnlyList<PodName> without
    ) =>
        new()
        {
            Deployment = name,
            Uid = state.Uid,
            Version = 0,
            State =
                !state.Exists ? RouteState.Missing
                : state.DeletedAt is not null ? RouteState.Deleted
                : state.IsStopped ? RouteState.Stopped
                : RouteState.Serving,
            Pods =
            [
                .. live.Where(p => p is { Phase: PodPhase.Ready, Address: not null } && !without.Contains(p.Name))
                    .Select(p => new RoutePod(p.Name, p.Address!, p.Revision, Protocol: p.Protocol)),
            ],
            Keys = [.. state.Keys],
            Configuration = state.Exists ? state.Current.Configuration with { Environment = [], Labels = [] } : new(),
            Failure = state.Failure,
            RetryAt = DeploymentStatusPolicy.GetRetryAt(live),
            HasWebhookSecret = state.WebhookSecrets.Count > 0,
            ArePodsKnown = arePodsKnown || !state.CanHavePods,
        };
}
