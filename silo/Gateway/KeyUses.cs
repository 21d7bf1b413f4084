using System.Collections.Concurrent;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Keys;

namespace DeployCard.Silo.Gateway;

/// <summary>Writes down which keys were used, once a minute: a request itself only notes a time in memory.</summary>
internal sealed partial class KeyUses(IGrainFactory grains, RepeatableCalls calls, TimeProvider time, ILogger<KeyUses> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly ConcurrentQueue<KeySlot> used = new();

    /// <summary>Notes that a key was used.</summary>
    public void Note(KeySlot key, DateTimeOffset now)
    {
        if (key.Use(now))
            used.Enqueue(key);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Write();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await Write();
    }

    private async Task Write()
    {
        for (var left = used.Count; left > 0 && used.TryDequeue(out var key); left--)
        {
            key.Written();
            try
            {
                await calls.Make(() => grains.GetGrain<IKeyGrain>(key.Key.Hash).Used(key.LastUse));
            }
            catch (Exception e)
            {
                LogNotWritten(logger, e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The last use of a key could not be written")]
    private static partial void LogNotWritten(ILogger logger, Exception exception);
}
