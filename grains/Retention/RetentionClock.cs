using DeployCard.Grains.Cluster;
using Microsoft.Extensions.Hosting;

namespace DeployCard.Grains.Retention;

/// <summary>
/// Calls the retention grain, at the start of a silo and every minute. Each silo has one, so the clock goes as long as any silo does;
/// no durable timer is needed, for what is due stands in the index.
/// </summary>
internal sealed partial class RetentionClock(IGrainFactory grains, RepeatableCalls calls, TimeProvider time, ILogger<RetentionClock> logger) : BackgroundService
{
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            await Tick(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task Tick(CancellationToken cancellationToken)
    {
        try
        {
            var retention = grains.GetGrain<IRetentionGrain>(0);
            var started = time.GetTimestamp();
            await calls.Make(() => retention.WakeAll(cancellationToken), cancellationToken);
            while (await calls.Make(() => retention.Sweep(cancellationToken), cancellationToken) && time.GetElapsedTime(started) < Period)
            {
                // What is due does not fit into one call.
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What is due could not be woken; trying again in a minute")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
