using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Live;
using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Results;

namespace DeployCard.GraphQL.Monitoring;

/// <summary>Watches monitoring.</summary>
[SubscriptionType]
public sealed class MonitoringSubscriptions(IGrainFactory grains, RepeatableCalls calls, ResumedFeed feed)
{
    /// <summary>The last minutes of a deployment, the running one included, at once as they are and again whenever something was counted. Each replaces the one before; steps between may be left out, the newest never is. A deleted deployment's can be watched too.</summary>
    /// <param name="deployment">The deployment's name.</param>
    /// <param name="last">How many minutes, 1 to 15, default 2: the running one, and the one before as it ended.</param>
    /// <param name="ct">The subscription's.</param>
    public async IAsyncEnumerable<Seen> MonitoringPoints(
        string deployment,
        [Range(1, IMonitorGrain.MostLatest)] int? last,
        [EnumeratorCancellation] CancellationToken ct
    )
    {
        if (
            !DeploymentName.TryParse(deployment, out var known)
            || await calls.Make(grains.GetGrain<IDeploymentGrain>(known.Value).Get, ct) is null
        )
            throw new ApiException(ErrorCodes.NotFound, $"There is no deployment named '{deployment}'.");
        var monitor = grains.GetGrain<IMonitorGrain>(known.Value);
        await foreach (var view in feed.ReadStates(token => monitor.Watch(last ?? 2, token), ct))
            yield return new(view);
    }
}
