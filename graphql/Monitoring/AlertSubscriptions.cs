using System.Runtime.CompilerServices;
using DeployCard.Client.Cluster;
using DeployCard.Client.Live;
using DeployCard.Contracts.Monitoring;

namespace DeployCard.GraphQL.Monitoring;

/// <summary>Subscriptions that watch alerts.</summary>
[SubscriptionType]
public sealed class AlertSubscriptions(IGrainFactory grains, GrainRetry retry, ResumableStream streams)
{
    /// <summary>
    /// Streams the firing alerts of a deployment: the current ones immediately, then all firing ones whenever an alert starts to fire or is
    /// resolved. A slow client may miss intermediate states but always receives the latest one.
    /// </summary>
    /// <param name="deployment">Name of the deployment.</param>
    /// <param name="ct">Token that cancels the subscription.</param>
    public async IAsyncEnumerable<DeploymentAlerts> AlertsChanged(string deployment, [EnumeratorCancellation] CancellationToken ct)
    {
        var known = (await retry.Require(grains, deployment, ct)).Name;
        await foreach (var firing in streams.ReadStates(grains.GetGrain<IMonitorGrain>(known.Value).WatchAlerts, ct))
            yield return new(deployment, firing);
    }
}
