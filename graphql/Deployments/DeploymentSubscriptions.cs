using System.Runtime.CompilerServices;
using DeployCard.Client.Cluster;
using DeployCard.Client.Deployments;
using DeployCard.Client.Live;
using DeployCard.Contracts.Deployments;

namespace DeployCard.GraphQL.Deployments;

/// <summary>Subscriptions that watch deployments.</summary>
[SubscriptionType]
public sealed class DeploymentSubscriptions(IGrainFactory grains, GrainRetry retry, ResumableStream streams, FleetSubscription fleet)
{
    /// <summary>
    /// Streams a deployment: its current state immediately, then its new state after each change of status, pods or configuration. A slow
    /// client may miss intermediate states but always receives the latest one.
    /// </summary>
    /// <param name="name">Name of the deployment.</param>
    /// <param name="ct">Token that cancels the subscription.</param>
    public async IAsyncEnumerable<Deployment> DeploymentChanged(string name, [EnumeratorCancellation] CancellationToken ct)
    {
        var known = (await retry.RequireAny(grains, name, ct)).Name;
        await foreach (var view in streams.ReadStates(grains.GetGrain<IDeploymentGrain>(known.Value).Watch, ct))
            yield return new(view);
    }

    /// <summary>
    /// Streams many deployments: first a snapshot of the existing ones, then each deployment whenever it or its pods change. A slow client
    /// may miss intermediate states but always receives the latest one. A deleted deployment is sent with the status <c>DELETED</c>.
    /// </summary>
    /// <param name="filter">Filter for the deployments; null watches all.</param>
    /// <param name="first">Maximum number of deployments in a snapshot, ordered by name, 1 to 200, default 50.</param>
    /// <param name="ct">Token that cancels the subscription.</param>
    public async IAsyncEnumerable<DeploymentChanges> DeploymentsChanged(
        DeploymentsChangedFilterInput? filter,
        int? first,
        [EnumeratorCancellation] CancellationToken ct
    )
    {
        var limit = Paging.CreateRequest(first, null, null, null).Limit;
        await foreach (var step in fleet.Subscribe(DeploymentsChangedFilterInput.ToFilter(filter), limit, ct))
            yield return DeploymentChanges.From(step);
    }
}
