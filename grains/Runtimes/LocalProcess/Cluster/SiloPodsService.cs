using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.LocalProcess.Cluster;

/// <inheritdoc cref="ISiloPodsService"/>
internal sealed class SiloPodsService(GrainId id, Silo silo, ILoggerFactory loggers, LocalProcessRuntime local, TimeProvider time)
    : GrainService(id, silo, loggers),
        ISiloPodsService
{
    /// <summary>Well below the time after which Orleans gives a call up.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    public Task<SiloPods?> Start(PodSpec pod) => Task.FromResult(local.TryStart(pod) ? local.Pods : null);

    public async Task<PodEnd> Stop(PodName pod, TimeSpan grace)
    {
        using var limit = new CancellationTokenSource(LongestWait, time);
        try
        {
            return new(true, await local.Stop(pod, grace, limit.Token));
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return default;
        }
    }

    public async Task<SiloPods> Watch(long after)
    {
        using var limit = new CancellationTokenSource(LongestWait, time);
        // The silo's end waits for nobody who watches it.
        using var over = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, StoppedCancellationTokenSource.Token);
        return await local.Next(after, over.Token);
    }
}
