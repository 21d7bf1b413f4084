using DeployCard.Grains.Deployments;
using k8s.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>
/// Finds pods that nobody knows of any more: their deployment is gone, or it rests and has no pods. One whose deployment is awake is left to it,
/// since that sees all its pods and decides about them.
/// </summary>
internal sealed partial class PodSweep(
    PodApi api,
    PodTable table,
    IGrainFactory grains,
    IOptions<KubernetesOptions> options,
    TimeProvider time,
    ILogger<PodSweep> logger
) : BackgroundService
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.OrphanSweepInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await Sweep(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo ends.
        }
    }

    private async Task Sweep(CancellationToken cancellationToken)
    {
        var old = table.All.Where(pod => time.GetUtcNow() - pod.Metadata.CreationTimestamp >= options.Value.MinOrphanAge);
        foreach (var pods in old.GroupBy(PodLabels.DeploymentOf).Where(pods => !table.IsWatched(pods.Key)))
        {
            try
            {
                await Sweep(pods.Key, [.. pods], cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                LogFailed(logger, e, pods.Key);
            }
        }
    }

    private async Task Sweep(DeploymentName name, IReadOnlyList<V1Pod> pods, CancellationToken cancellationToken)
    {
        var deployment = grains.GetGrain<IDeploymentGrain>(name.Value);
        // One that is to have pods begins to watch by this, and then they are its own matter.
        await deployment.Wake();
        if (!IsOrphaned(await deployment.Get()))
            return;
        foreach (var pod in pods.Where(pod => pod.Metadata.DeletionTimestamp is null && api.IsOurs(pod)))
        {
            LogOrphan(logger, pod.Metadata.Name, name);
            await api.Delete(pod, Grace, cancellationToken);
        }
    }

    /// <summary>Whether a deployment knows nothing of pods, and wants none.</summary>
    public static bool IsOrphaned(DeploymentView? deployment) =>
        deployment
            is null
                or { Status: DeploymentStatus.Idle or DeploymentStatus.Stopped or DeploymentStatus.Deleted, DesiredPods: 0, Pods.Count: 0 };

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Pod {Pod} belongs to deployment {Deployment}, which does not know of it: it is deleted"
    )]
    private static partial void LogOrphan(ILogger logger, string pod, DeploymentName deployment);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Whether the pods of deployment {Deployment} are still wanted could not be found out; the next sweep tries again"
    )]
    private static partial void LogFailed(ILogger logger, Exception exception, DeploymentName deployment);
}
