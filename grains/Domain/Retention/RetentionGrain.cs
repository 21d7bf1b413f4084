using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Monitoring.Alerts;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Retention;
using DeployCard.Contracts.Storage;
using DeployCard.Domain.Monitoring;
using Microsoft.Extensions.Options;

namespace DeployCard.Domain.Retention;

internal sealed class RetentionGrain(
    IRetentionStore retention,
    IDeploymentStore deployments,
    IAsyncCallStore calls,
    IBodyStore bodies,
    IMonitorStore monitoring,
    IAlertStore alerts,
    IOptions<MonitorOptions> monitorOptions,
    TimeProvider time,
    ILogger<RetentionGrain> logger
) : Grain, IRetentionGrain
{
    private const int BatchSize = 100;

    /// <summary>
    /// Maximum duration of a sweep. It is well below the response timeout of Orleans, because a concurrent call of <see cref="WakeAll"/>
    /// waits until the sweep ends.
    /// </summary>
    private static readonly TimeSpan MaxSweepTime = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan MinOrphanAge = TimeSpan.FromHours(1);

    private DateTimeOffset? lastWokenAt;

    public async Task<bool> Sweep(CancellationToken cancellationToken)
    {
        var (now, started) = (time.GetUtcNow(), time.GetTimestamp());
        // Each batch continues after the last item, so that items that fail to expire do not block the others.
        DueItem? last = null;
        while (await retention.ListDue(now, last, BatchSize, cancellationToken) is { Count: > 0 } items)
        {
            if (time.GetElapsedTime(started) > MaxSweepTime)
                return true;
            var batchStarted = time.GetTimestamp();
            await Task.WhenAll(items.Select(item => Expire(item, cancellationToken)));
            last = items[^1];
            // The pause is as long as the batch took, so that the sweep uses at most half of the storage's capacity.
            await Task.Delay(time.GetElapsedTime(batchStarted), time, cancellationToken);
        }

        await bodies.DeleteOrphans(now - MinOrphanAge, BatchSize, cancellationToken);
        return await DeleteOldMinutes(now, started, cancellationToken);
    }

    public async Task<bool> WakeAll(bool isScheduled, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        // Duration() makes the difference positive, so that the check also works after the clock of the silo was set back.
        if (isScheduled && (now - lastWokenAt)?.Duration() < RetentionScheduler.Interval / 2)
            return false;
        await ForAll(deployments.ListActive, name => GrainFactory.GetGrain<IDeploymentGrain>(name.Value).Wake(), cancellationToken);
        await ForAll(calls.ListDeploymentsWithOpen, name => GrainFactory.GetGrain<IQueueGrain>(name.Value).Wake(), cancellationToken);
        await ForAll(alerts.List, name => GrainFactory.GetGrain<IMonitorGrain>(name.Value).Wake(), cancellationToken);
        // Set only after success, so that the retry of a failed call is not skipped.
        lastWokenAt = now;
        return true;
    }

    /// <summary>
    /// Deletes expired monitoring data by its age, without waking the deployments, most of which are idle. Returns true if the time limit
    /// was reached before all expired data was deleted.
    /// </summary>
    private async Task<bool> DeleteOldMinutes(DateTimeOffset now, long started, CancellationToken cancellationToken)
    {
        var oldest = MinuteBucket.ToMinute(now - monitorOptions.Value.Retention) - MinuteAggregator.BlockMinutes;
        while (true)
        {
            var batchStarted = time.GetTimestamp();
            if (await monitoring.DeleteBefore(oldest, BatchSize, cancellationToken) < BatchSize)
                return false;
            if (time.GetElapsedTime(started) > MaxSweepTime)
                return true;
            await Task.Delay(time.GetElapsedTime(batchStarted), time, cancellationToken);
        }
    }

    private static async Task ForAll(
        Func<DeploymentName?, int, CancellationToken, Task<IReadOnlyList<DeploymentName>>> list,
        Func<DeploymentName, Task> wake,
        CancellationToken cancellationToken
    )
    {
        DeploymentName? last = null;
        while (await list(last, BatchSize, cancellationToken) is { Count: > 0 } names)
        {
            await Task.WhenAll(names.Select(wake));
            last = names[^1];
        }
    }

    private async Task Expire(DueItem item, CancellationToken cancellationToken)
    {
        try
        {
            await (
                item.Kind switch
                {
                    DueKind.Deployment => GrainFactory.GetGrain<IDeploymentGrain>(item.Key).ExpireIfDue(cancellationToken),
                    DueKind.Key => GrainFactory.GetGrain<IKeyGrain>(item.Key).ExpireIfDue(cancellationToken),
                    _ => GrainFactory.GetGrain<IAsyncCallGrain>(item.Key).ExpireIfDue(cancellationToken),
                }
            );
        }
        catch (Exception e)
        {
            var level = StorageOutageTracker.LogLevelFor(e, LogLevel.Warning);
            logger.LogExpiryFailed(level, e, item.Kind, item.Key);
        }
    }
}
