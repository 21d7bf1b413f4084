using DeployCard.Grains.Runtimes;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Monitoring;

/// <summary>Notes what the pods use that this silo measures.</summary>
internal sealed class PodUsageSampler(
    IEnumerable<IPodUsage> runtimes,
    TrafficBook traffic,
    IOptions<MonitorOptions> options,
    TimeProvider time
) : ITrafficSampler
{
    private long? lastAt;

    public async Task Sample(CancellationToken cancellationToken)
    {
        if (lastAt is { } at && time.GetElapsedTime(at) < options.Value.SampleInterval)
            return;
        lastAt = time.GetTimestamp();
        foreach (var runtime in runtimes)
        {
            foreach (var pod in await runtime.Measure(cancellationToken))
                traffic.Of(pod.Deployment).Uses(pod);
        }
    }
}
