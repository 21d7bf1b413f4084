using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.LocalProcess.Pods;

namespace DeployCard.LocalProcess.Cluster;

/// <inheritdoc cref="ISiloPodsService"/>
internal sealed class SiloPodsService(GrainId id, Silo silo, ILoggerFactory loggers, LocalProcessRuntime local, TimeProvider time)
    : GrainService(id, silo, loggers),
        ISiloPodsService
{
    /// <summary>Maximum duration of a call; well below Orleans' response timeout.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    public Task<SiloPods?> Start(PodSpec pod) => Task.FromResult(local.TryStart(pod) ? local.Snapshot : null);

    public async Task<PodStopResult> Stop(PodName pod, TimeSpan grace)
    {
        using var timeout = new CancellationTokenSource(MaxWait, time);
        try
        {
            return new(true, await local.Stop(pod, grace, timeout.Token));
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return default;
        }
    }

    public async Task<SiloPods> Watch(long after)
    {
        using var timeout = new CancellationTokenSource(MaxWait, time);
        // Do not let pending calls delay the shutdown of the silo.
        using var stopWaiting = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, StoppedCancellationTokenSource.Token);
        return await local.WaitForChange(after, stopWaiting.Token);
    }
}
