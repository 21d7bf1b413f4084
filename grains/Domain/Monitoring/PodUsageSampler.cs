using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Runtimes;
using Microsoft.Extensions.Options;

namespace DeployCard.Domain.Monitoring;

/// <summary>Records the processor time and memory of the pods that this silo can measure.</summary>
internal sealed class PodUsageSampler(
    IEnumerable<IPodUsage> runtimes,
    TrafficRegistry traffic,
    IOptions<MonitorOptions> options,
    TimeProvider time
) : ITrafficSampler
{
    private long? lastSampleAt;

    public async Task Sample(CancellationToken cancellationToken)
    {
        if (lastSampleAt is { } at && time.GetElapsedTime(at) < options.Value.SampleInterval)
            return;
        lastSampleAt = time.GetTimestamp();
        foreach (var runtime in runtimes)
        {
            foreach (var pod in await runtime.Measure(cancellationToken))
                traffic.For(pod.Deployment).RecordPodUsage(pod);
        }
    }
}
