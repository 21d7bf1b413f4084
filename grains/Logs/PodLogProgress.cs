using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes;

namespace DeployCard.Grains.Logs;

internal sealed class PodLogProgress(IGrainFactory grains) : IPodLogProgress
{
    private const int Enough = 1000;

    public async Task<PodLogMark?> Of(PodName pod, DeploymentName deployment, CancellationToken cancellationToken)
    {
        var lines = (await grains.GetGrain<ILogGrain>(deployment.Value).Read(new(Enough, Pod: pod.Value))).Where(line => line.Stream is not LogStream.System).ToList();
        return lines.Count == 0 ? null : new(lines[^1].At, lines.Count(line => line.At == lines[^1].At));
    }
}
