using System.Collections.Concurrent;
using System.Threading.Channels;
using DeployCard.Contracts.Names;

namespace DeployCard.Contracts.Monitoring;

/// <summary>The traffic counters of the deployments that this silo serves.</summary>
public sealed class TrafficRegistry(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, DeploymentTraffic> counters = new();
    private readonly Channel<DeploymentTraffic> active = Channel.CreateUnbounded<DeploymentTraffic>();

    /// <summary>
    /// Returns the counters of a deployment. The instance stays the same for the lifetime of the process: two instances would report
    /// different counts as the same source.
    /// </summary>
    public DeploymentTraffic For(DeploymentName deployment) =>
        counters.TryGetValue(deployment.Value, out var traffic)
            ? traffic
            : counters.GetOrAdd(deployment.Value, _ => new(deployment, activated => active.Writer.TryWrite(activated), time));

    /// <summary>
    /// Dequeues a deployment that has become active. A deployment is enqueued again only after all its counts are stored.
    /// </summary>
    public bool TryDequeueActive(out DeploymentTraffic? traffic) => active.Reader.TryRead(out traffic);
}
