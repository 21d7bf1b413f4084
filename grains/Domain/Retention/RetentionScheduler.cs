using System.Threading.Channels;
using DeployCard.Client.Cluster;
using DeployCard.Contracts.Retention;
using DeployCard.Contracts.Storage;
using Microsoft.Extensions.Hosting;

namespace DeployCard.Domain.Retention;

/// <summary>
/// Calls the retention grain at the start of the silo, every minute, when another silo has died (because its grains must be woken
/// elsewhere) and when storage is available again (because no grain could be woken without it). Every silo runs a scheduler, so retention
/// works while any silo runs. No durable timer is needed, because due items are found through the index.
/// </summary>
internal sealed partial class RetentionScheduler(
    IGrainFactory grains,
    GrainRetry retry,
    ISiloStatusOracle silos,
    IEnumerable<StorageOutageTracker> storages,
    TimeProvider time,
    ILogger<RetentionScheduler> logger
) : BackgroundService, ISiloStatusListener
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Delay before a retry after a failure. Calls may still be sent to a silo that has just died.</summary>
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    // The capacity is 1 because several pending reasons need only one run.
    private readonly Channel<bool> triggers = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    /// <inheritdoc/>
    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status is SiloStatus.Dead)
            Trigger();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        silos.SubscribeToSiloStatusEvents(this);
        foreach (var storage in storages)
            storage.Recovered += (_, _) => Trigger();
        try
        {
            var isScheduled = false;
            while (true)
            {
                var hasSucceeded = await Run(isScheduled, stoppingToken);
                isScheduled = !await WaitForTrigger(hasSucceeded ? Interval : RetryDelay, stoppingToken) && hasSucceeded;
            }
        }
        finally
        {
            silos.UnSubscribeFromSiloStatusEvents(this);
        }
    }

    private void Trigger() => triggers.Writer.TryWrite(true);

    /// <summary>Waits for a trigger, at most for <paramref name="timeout"/>. Returns whether there was a trigger.</summary>
    private async Task<bool> WaitForTrigger(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var awake = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(triggers.Reader.WaitToReadAsync(awake.Token).AsTask(), Task.Delay(timeout, time, awake.Token));
        await awake.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        return triggers.Reader.TryRead(out _);
    }

    private async Task<bool> Run(bool isScheduled, CancellationToken cancellationToken)
    {
        try
        {
            var retention = grains.GetGrain<IRetentionGrain>(0);
            var started = time.GetTimestamp();
            if (!await retry.Execute(() => retention.WakeAll(isScheduled, cancellationToken), cancellationToken))
                return true;
            while (
                await retry.Execute(() => retention.Sweep(cancellationToken), cancellationToken) && time.GetElapsedTime(started) < Interval
            )
            {
                // Sweep returns true if due items remain after its time limit.
            }

            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogRunFailed(logger, e);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Waking grains and sweeping due items failed; it will be retried shortly")]
    private static partial void LogRunFailed(ILogger logger, Exception exception);
}
