using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Monitoring.Alerts;
using DeployCard.Grains.Storage;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Retention;

internal sealed partial class RetentionGrain(
    IRetentionStore due,
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
    private const int AtOnce = 100;

    /// <summary>Well below the time after which Orleans gives a call up; who wakes the queues waits behind it.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan OrphanAge = TimeSpan.FromHours(1);

    private DateTimeOffset? wokenAt;

    public async Task<bool> Sweep(CancellationToken cancellationToken)
    {
        var (now, started) = (time.GetUtcNow(), time.GetTimestamp());
        // Behind the last one, and not from the beginning again: what cannot see to its end holds nobody else up.
        DueItem? last = null;
        while (await due.ListDue(now, last, AtOnce, cancellationToken) is { Count: > 0 } items)
        {
            if (time.GetElapsedTime(started) > Longest)
                return true;
            var began = time.GetTimestamp();
            await Task.WhenAll(items.Select(item => Expire(item, cancellationToken)));
            last = items[^1];
            // As long as it took: half of the storage is for those who wait for it.
            await Task.Delay(time.GetElapsedTime(began), time, cancellationToken);
        }

        await bodies.DeleteOrphans(now - OrphanAge, AtOnce, cancellationToken);
        return await DropOldMinutes(now, started, cancellationToken);
    }

    public async Task<bool> WakeAll(bool isUsual, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        // Also where its silo's time was set back.
        if (isUsual && (now - wokenAt)?.Duration() < RetentionClock.Period / 2)
            return false;
        await ForAll(deployments.ListActive, name => GrainFactory.GetGrain<IDeploymentGrain>(name.Value).Wake(), cancellationToken);
        await ForAll(calls.ListDeploymentsWithOpen, name => GrainFactory.GetGrain<IQueueGrain>(name.Value).Wake(), cancellationToken);
        await ForAll(alerts.List, name => GrainFactory.GetGrain<IMonitorGrain>(name.Value).Wake(), cancellationToken);
        // Not before: one that failed is asked again soon.
        wokenAt = now;
        return true;
    }

    /// <summary>Minutes of monitoring go by their age alone: most of their deployments are at rest, and none has to wake for it. Whether some are left.</summary>
    private async Task<bool> DropOldMinutes(DateTimeOffset now, long started, CancellationToken cancellationToken)
    {
        var oldest = MinuteBucket.MinuteOf(now - monitorOptions.Value.Retention) - MonitorLedger.BlockMinutes;
        while (true)
        {
            var began = time.GetTimestamp();
            if (await monitoring.DeleteBefore(oldest, AtOnce, cancellationToken) < AtOnce)
                return false;
            if (time.GetElapsedTime(started) > Longest)
                return true;
            await Task.Delay(time.GetElapsedTime(began), time, cancellationToken);
        }
    }

    private static async Task ForAll(
        Func<DeploymentName?, int, CancellationToken, Task<IReadOnlyList<DeploymentName>>> list,
        Func<DeploymentName, Task> wake,
        CancellationToken cancellationToken
    )
    {
        DeploymentName? last = null;
        while (await list(last, AtOnce, cancellationToken) is { Count: > 0 } names)
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
            var level = StorageHealth.Level(e, LogLevel.Warning);
            LogNotExpired(logger, level, e, item.Kind, item.Key);
        }
    }

    [LoggerMessage(Message = "{Kind} {Key} is due and could not see to it; trying again with the next sweep")]
    private static partial void LogNotExpired(ILogger logger, LogLevel level, Exception exception, DueKind kind, string key);
}
