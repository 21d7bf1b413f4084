using System.Collections.Concurrent;
using DeployCard.Client.Cluster;
using DeployCard.Contracts.Keys;

namespace DeployCard.Gateway;

/// <summary>Stores the times of last use of API keys once a minute. A request only records the time in memory.</summary>
internal sealed partial class KeyUsageTracker(IGrainFactory grains, GrainRetry retry, TimeProvider time, ILogger<KeyUsageTracker> logger)
    : BackgroundService
{
    private static readonly TimeSpan FlushInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentQueue<CompiledKey> used = new();

    /// <summary>Records the use of a key.</summary>
    public void RecordUse(CompiledKey key, DateTimeOffset now)
    {
        if (key.RecordUse(now))
            used.Enqueue(key);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Flush();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(FlushInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await Flush();
    }

    private async Task Flush()
    {
        for (var left = used.Count; left > 0 && used.TryDequeue(out var key); left--)
        {
            key.MarkFlushed();
            try
            {
                await retry.Execute(() => grains.GetGrain<IKeyGrain>(key.Key.Hash).RecordUse(key.LastUsedAt));
            }
            catch (Exception e)
            {
                LogUseNotStored(logger, e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Storing the time of last use of an API key failed")]
    private static partial void LogUseNotStored(ILogger logger, Exception exception);
}
