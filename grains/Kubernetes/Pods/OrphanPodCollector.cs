using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Kubernetes.Settings;
using k8s.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DeployCard.Kubernetes.Pods;

/// <summary>
/// Deletes orphaned pods, whose deployment no longer exists or is inactive and wants no pods. The pods of an active deployment are left to
/// its grain, which sees and manages all of them.
/// </summary>
internal sealed partial class OrphanPodCollector(
    PodApi api,
    PodTable table,
    IGrainFactory grains,
    IOptions<KubernetesOptions> options,
    TimeProvider time,
    ILogger<OrphanPodCollector> logger
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
            // The silo shuts down.
        }
    }

    private async Task Sweep(CancellationToken cancellationToken)
    {
        var old = table.All.Where(pod => time.GetUtcNow() - pod.Metadata.CreationTimestamp >= options.Value.MinOrphanAge);
        foreach (var pods in old.GroupBy(PodLabels.GetDeployment).Where(pods => !table.IsWatched(pods.Key)))
        {
            try
            {
                await Sweep(pods.Key, [.. pods], cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                LogSweepFailed(logger, e, pods.Key);
            }
        }
    }

    private async Task Sweep(DeploymentName name, IReadOnlyList<V1Pod> pods, CancellationToken cancellationToken)
    {
        var deployment = grains.GetGrain<IDeploymentGrain>(name.Value);
        // A deployment that wants pods starts to watch them when it wakes, and then manages them.
        await deployment.Wake();
        if (!IsOrphaned(await deployment.Get()))
            return;
        foreach (var pod in pods.Where(pod => pod.Metadata.DeletionTimestamp is null && api.IsManaged(pod)))
        {
            LogDeletingOrphan(logger, pod.Metadata.Name, name);
            await api.Delete(pod, Grace, cancellationToken);
        }
    }

    /// <summary>Whether a deployment does not exist, or has no pods and wants none.</summary>
    public static bool IsOrphaned(DeploymentView? deployment) =>
        deployment
            is null
                or { Status: DeploymentStatus.Idle or DeploymentStatus.Stopped or DeploymentStatus.Deleted, DesiredPods: 0, Pods.Count: 0 };

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deleting orphaned pod {Pod}, which deployment {Deployment} does not know")]
    private static partial void LogDeletingOrphan(ILogger logger, string pod, DeploymentName deployment);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Checking the pods of deployment {Deployment} for orphans failed; the next sweep retries"
    )]
    private static partial void LogSweepFailed(ILogger logger, Exception exception, DeploymentName deployment);
}
