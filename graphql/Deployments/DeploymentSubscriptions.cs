using System.Runtime.CompilerServices;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Live;
using DeployCard.Grains.Results;

namespace DeployCard.GraphQL.Deployments;

/// <summary>Watches deployments.</summary>
[SubscriptionType]
public sealed class DeploymentSubscriptions(IGrainFactory grains, RepeatableCalls calls, ResumedFeed feed)
{
    /// <summary>A deployment at once as it is, and again after each change: status, pods, configuration. Steps between may be left out, the newest never is.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="ct">The subscription's.</param>
    public async IAsyncEnumerable<Deployment> DeploymentChanged(string name, [EnumeratorCancellation] CancellationToken ct)
    {
        if (!DeploymentName.TryParse(name, out var known) || await calls.Make(grains.GetGrain<IDeploymentGrain>(known.Value).Get, ct) is null)
            throw new ApiException(ErrorCodes.NotFound, $"There is no deployment named '{name}'.");
        await foreach (var view in feed.ReadStates(grains.GetGrain<IDeploymentGrain>(known.Value).Watch, ct))
            yield return new(view);
    }
}
