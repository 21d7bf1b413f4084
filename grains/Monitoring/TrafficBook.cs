using System.Collections.Concurrent;
using System.Threading.Channels;
using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.Monitoring;

/// <summary>What this silo sees of each deployment that it has to do with.</summary>
public sealed class TrafficBook(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, DeploymentTraffic> known = new();
    private readonly Channel<DeploymentTraffic> busy = Channel.CreateUnbounded<DeploymentTraffic>();

    /// <summary>A deployment's. It is the same one for as long as the process lives: two would tell different things under one name.</summary>
    public DeploymentTraffic Of(DeploymentName deployment) =>
        known.TryGetValue(deployment.Value, out var traffic)
            ? traffic
            : known.GetOrAdd(deployment.Value, _ => new(deployment, began => busy.Writer.TryWrite(began), time));

    /// <summary>One that was at rest and is not any more; each comes once, until all of it was told.</summary>
    internal bool TryTakeBusy(out DeploymentTraffic? traffic) => busy.Reader.TryRead(out traffic);
}
