using System.Runtime.CompilerServices;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Live;
using DeployCard.Grains.Results;

namespace DeployCard.GraphQL.Deployments;

/// <summary>Watches deployments.</summary>
[SubscriptionType]
public sealed class DeploymentSubscriptions(IGrainFactory grains, RepeatableCalls calls, ResumedFeed feed, FleetFeed fleet)
{
    /// <summary>A deployment at once as it is, and again after each change: status, pods as they come, get ready and go, configuration. Steps between may be left out, the newest never is.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="ct">The subscription's.</param>
    public async IAsyncEnumerable<Deployment> DeploymentChanged(string name, [EnumeratorCancellation] CancellationToken ct)
    {
        if (
            !DeploymentName.TryParse(name, out var known)
            || await calls.Make(grains.GetGrain<IDeploymentGrain>(known.Value).Get, ct) is null
        )
            throw new ApiException(ErrorCodes.NotFound, $"There is no deployment named '{name}'.");
        await foreach (var view in feed.ReadStates(grains.GetGrain<IDeploymentGrain>(known.Value).Watch, ct))
            yield return new(view);
    }

    /// <summary>Many deployments: at first those that there are, then each that changes, also in its pods, as it is then. Steps may be left out, the newest never is. A deleted one comes with its status.</summary>
    /// <param name="filter">Which ones; all of them where nothing is said.</param>
    /// <param name="first">How many of those that there are, in the order of their names, 1 to 200, default 50.</param>
    /// <param name="ct">The subscription's.</param>
    public async IAsyncEnumerable<DeploymentChanges> DeploymentsChanged(
        DeploymentsChangedFilterInput? filter,
        int? first,
        [EnumeratorCancellation] CancellationToken ct
    )
    {
        var limit = Paging.Request(first, null, null, null).Limit;
        await foreach (var step in fleet.Follow(DeploymentsChangedFilterInput.ToFilter(filter), limit, ct))
            yield return DeploymentChanges.Of(step);
    }
}
