using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;
using DeployCard.Client.Cluster;
using DeployCard.Client.Live;
using DeployCard.Contracts.Monitoring;

namespace DeployCard.GraphQL.Monitoring;

/// <summary>Subscriptions that watch metrics.</summary>
[SubscriptionType]
public sealed class MonitoringSubscriptions(IGrainFactory grains, GrainRetry retry, ResumableStream streams)
{
    /// <summary>
    /// Streams the metrics of the last minutes of a deployment, including the current minute: immediately, then again whenever a value
    /// changes. Each result replaces the previous one; a slow client may miss intermediate results but always receives the latest one.
    /// Deleted deployments can be watched too.
    /// </summary>
    /// <param name="deployment">Name of the deployment.</param>
    /// <param name="minutes">Number of minutes, 1 to 15, default 2: the current minute and the previous one.</param>
    /// <param name="ct">Token that cancels the subscription.</param>
    public async IAsyncEnumerable<MonitoringResult> MonitoringChanged(
        string deployment,
        [Range(1, IMonitorGrain.MaxLatestMinutes)] int? minutes,
        [EnumeratorCancellation] CancellationToken ct
    )
    {
        var known = (await retry.RequireAny(grains, deployment, ct)).Name;
        var monitor = grains.GetGrain<IMonitorGrain>(known.Value);
        await foreach (var view in streams.ReadStates(token => monitor.Watch(minutes ?? 2, token), ct))
            yield return new(view);
    }
}
