using System.Runtime.CompilerServices;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Live;
using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Results;

namespace DeployCard.GraphQL.Monitoring;

/// <summary>Watches alerts.</summary>
[SubscriptionType]
public sealed class AlertSubscriptions(IGrainFactory grains, RepeatableCalls calls, ResumedFeed feed)
{
    /// <summary>The alerts of a deployment that fire, at once as they are and again whenever one begins to fire or is over. Steps between may be left out, the newest never is.</summary>
    /// <param name="deployment">The deployment's name.</param>
    /// <param name="ct">The subscription's.</param>
    public async IAsyncEnumerable<DeploymentAlerts> AlertChanged(string deployment, [EnumeratorCancellation] CancellationToken ct)
    {
        if (
            !DeploymentName.TryParse(deployment, out var known)
            || await calls.Make(grains.GetGrain<IDeploymentGrain>(known.Value).Get, ct) is not { } view
        )
            throw new ApiException(ErrorCodes.NotFound, $"There is no deployment named '{deployment}'.");
        if (view.DeletedAt is not null)
            throw new ApiException(ErrorCodes.DeploymentDeleted, $"Deployment '{deployment}' was deleted.");
        await foreach (var firing in feed.ReadStates(grains.GetGrain<IMonitorGrain>(known.Value).WatchAlerts, ct))
            yield return new(deployment, firing);
    }
}
