using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;

namespace DeployCard.Domain.Logs;

internal sealed class PodLogCheckpoint(IGrainFactory grains) : IPodLogCheckpoint
{
    // Reads more lines than requested, because lines that the runtime itself wrote are filtered out.
    private const int LinesPerResult = 2;

    public async Task<IReadOnlyList<DateTimeOffset>> ReadLastLineTimes(
        PodName pod,
        DeploymentName deployment,
        int maxLines,
        CancellationToken cancellationToken
    )
    {
        var lines = await grains.GetGrain<ILogGrain>(deployment.Value).Read(new(maxLines * LinesPerResult, Pod: pod.Value));
        return [.. lines.Where(line => line.Stream is not LogStream.System).Select(line => line.At).TakeLast(maxLines)];
    }
}
