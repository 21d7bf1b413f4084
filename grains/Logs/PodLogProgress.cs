using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes;

namespace DeployCard.Grains.Logs;

internal sealed class PodLogProgress(IGrainFactory grains) : IPodLogProgress
{
    // Among them are the runtime's own, which have no place in what the pod wrote.
    private const int LinesForEach = 2;

    public async Task<IReadOnlyList<DateTimeOffset>> Of(
        PodName pod,
        DeploymentName deployment,
        int most,
        CancellationToken cancellationToken
    )
    {
        var lines = await grains.GetGrain<ILogGrain>(deployment.Value).Read(new(most * LinesForEach, Pod: pod.Value));
        return [.. lines.Where(line => line.Stream is not LogStream.System).Select(line => line.At).TakeLast(most)];
    }
}
