using System.Threading.Channels;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Storage;
using Microsoft.Extensions.Hosting;

namespace DeployCard.Grains.Retention;

/// <summary>
/// Calls the retention grain: at the start of a silo, every minute, when another silo is gone, for nobody else wakes what that one had, and when
/// the storage is back, without which nothing could be woken.
/// Each silo has one, so the clock goes as long as any silo does; no durable timer is needed, for what is due stands in the index.
/// </summary>
internal sealed partial class RetentionClock(
    IGrainFactory grains,
    RepeatableCalls calls,
    ISiloStatusOracle silos,
    IEnumerable<StorageHealth> storages,
    TimeProvider time,
    ILogger<RetentionClock> logger
) : BackgroundService, ISiloStatusListener
{
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>After a failure: a silo that is just gone fails those that still look for its grains there.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5);

    // Of several reasons at once one word is enough.
    private readonly Channel<bool> early = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    /// <inheritdoc/>
    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status is SiloStatus.Dead)
            WakeEarly();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        silos.SubscribeToSiloStatusEvents(this);
        foreach (var storage in storages)
            storage.Returned += (_, _) => WakeEarly();
        try
        {
            var isUsual = false;
            while (true)
            {
                var isDone = await Tick(isUsual, stoppingToken);
                isUsual = !await IsEarly(isDone ? Period : Again, stoppingToken) && isDone;
            }
        }
        finally
        {
            silos.UnSubscribeFromSiloStatusEvents(this);
        }
    }

    private void WakeEarly() => early.Writer.TryWrite(true);

    /// <summary>Waits for so long, or less where something has happened. Whether it has.</summary>
    private async Task<bool> IsEarly(TimeSpan period, CancellationToken cancellationToken)
    {
        using var awake = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(early.Reader.WaitToReadAsync(awake.Token).AsTask(), Task.Delay(period, time, awake.Token));
        await awake.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        return early.Reader.TryRead(out _);
    }

    private async Task<bool> Tick(bool isUsual, CancellationToken cancellationToken)
    {
        try
        {
            var retention = grains.GetGrain<IRetentionGrain>(0);
            var started = time.GetTimestamp();
            if (!await calls.Make(() => retention.WakeAll(isUsual, cancellationToken), cancellationToken))
                return true;
            while (await calls.Make(() => retention.Sweep(cancellationToken), cancellationToken) && time.GetElapsedTime(started) < Period)
            {
                // What is due does not fit into one call.
            }

            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, e);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What is due could not be woken; trying again soon")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
