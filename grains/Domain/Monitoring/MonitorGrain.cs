using System.Runtime.CompilerServices;
using DeployCard.Common.Live;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Monitoring.Alerts;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Results;
using DeployCard.Contracts.Storage;
using DeployCard.Domain.Monitoring.Alerts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace DeployCard.Domain.Monitoring;

// Random, because resource-optimized placement uses load statistics that are a second old: it would place a burst of activations on one
// silo.
[RandomPlacement]
internal sealed class MonitorGrain(
    IMonitorStore store,
    IAlertStore alertStore,
    IOptions<MonitorOptions> options,
    IOptions<AlertOptions> alertOptions,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<MonitorGrain> logger
) : Grain, IMonitorGrain
{
    private readonly Broadcaster<long> broadcaster = new(1, lifetime.ApplicationStopping);
    private readonly MinuteAggregator aggregator = new();
    private readonly Broadcaster<FiringAlerts> alertBroadcaster = new(1, lifetime.ApplicationStopping);
    private DeploymentAlerts? alerts;
    private MonitorHistory? history;
    private DateTimeOffset historyReadAt;

    private DeploymentName Deployment => DeploymentName.Parse(this.GetPrimaryKeyString());

    private long Now => MinuteBucket.ToMinute(time.GetUtcNow());

    private long Oldest => MinuteBucket.ToMinute(time.GetUtcNow() - options.Value.Retention);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var recent = await store.Read(Deployment, MinuteAggregator.FirstRecentMinute(Now), cancellationToken);
        aggregator.Restore(recent.SelectMany(BlockFormat.Read));
        var evaluator = new AlertEvaluator(AlertCondition.CreateAll(alertOptions.Value), alertOptions.Value.KeepFiringFor);
        alerts = new(
            Deployment,
            evaluator,
            alertStore,
            GrainFactory.GetGrain<IDeploymentGrain>(Deployment.Value),
            alertBroadcaster,
            time,
            logger
        );
        await alerts.Restore(cancellationToken);
        this.RegisterGrainTimer(Flush, options.Value.FlushInterval, options.Value.FlushInterval);
        // Interleaved, because the timer calls the deployment grain, which may be calling Remove on this grain at the same time.
        this.RegisterGrainTimer(
            EvaluateAlerts,
            new GrainTimerCreationOptions(alertOptions.Value.EvaluationInterval, alertOptions.Value.EvaluationInterval)
            {
                Interleave = true,
            }
        );
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        broadcaster.Abort();
        alertBroadcaster.Abort();
        await Store(cancellationToken);
    }

    public Task<MonitorReceipt> Report(string source, IReadOnlyList<MinutePart> parts)
    {
        var (now, hasChanged) = (Now, false);
        foreach (var part in parts)
            hasChanged |= aggregator.Apply(part, now);
        if (hasChanged)
            broadcaster.Publish(now);
        return Task.FromResult(aggregator.GetReceipt(source));
    }

    public async Task<Outcome<MonitorView>> Query(MonitorQuery query)
    {
        var (range, error) = MonitorRange.FromQuery(query, time.GetUtcNow(), options.Value.Retention);
        return error is not null ? error : await View(range);
    }

    public Task<MonitorView> GetLatest(int minutes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minutes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minutes, IMonitorGrain.MaxLatestMinutes);
        return View(MonitorRange.Last(minutes, time.GetUtcNow()));
    }

    public async IAsyncEnumerable<MonitorView> Watch(int minutes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var _ in broadcaster.Subscribe(() => new([Now]), cancellationToken))
            yield return await GetLatest(minutes);
    }

    public IAsyncEnumerable<FiringAlerts> WatchAlerts(CancellationToken cancellationToken) =>
        alertBroadcaster.Subscribe(() => new([alerts!.View]), cancellationToken);

    public Task Wake() => Task.CompletedTask;

    public async Task Remove(CancellationToken cancellationToken)
    {
        await store.Delete(Deployment, cancellationToken);
        aggregator.Clear();
        history = null;
        await alerts!.Remove(cancellationToken);
        broadcaster.Complete();
        DeactivateOnIdle();
    }

    private async Task<MonitorView> View(MonitorRange range)
    {
        if (range.Points == 0 || range.From >= MinuteAggregator.FirstRecentMinute(Now))
            return MonitorPoints.CreateView(range, minute => aggregator.TryFind(minute, out var open) ? open : null);
        historyReadAt = time.GetUtcNow();
        var past = history ??= await LoadHistory();
        return MonitorPoints.CreateView(range, minute => aggregator.TryFind(minute, out var open) ? open : past.Find(minute));
    }

    private async Task<MonitorHistory> LoadHistory()
    {
        var loaded = new MonitorHistory();
        foreach (var block in await store.Read(Deployment, Oldest - MinuteAggregator.BlockMinutes, CancellationToken.None))
            loaded.Add(BlockFormat.Read(block));
        return loaded;
    }

    private async Task Flush(CancellationToken cancellationToken)
    {
        await Store(cancellationToken);
        if (time.GetUtcNow() - historyReadAt > MonitorHistory.IdleTimeout)
            history = null;
        history?.DropBefore(Oldest);
        aggregator.EvictClosed(Now);
    }

    private async Task EvaluateAlerts(CancellationToken cancellationToken)
    {
        var now = Now;
        await alerts!.Evaluate(
            condition => AlertValue.Compute(condition, aggregator.BucketsFrom(now - condition.WindowMinutes + 1)),
            cancellationToken
        );
        // An idle deployment sends no reports. Stay active until its firing alerts have resolved.
        if (!alerts.IsEmpty)
            DelayDeactivation(alertOptions.Value.EvaluationInterval * 3);
    }

    private async Task Store(CancellationToken cancellationToken)
    {
        aggregator.DropBefore(Oldest);
        var blocks = aggregator.GetBlocksToWrite(Now);
        if (blocks.Count == 0)
            return;
        try
        {
            foreach (var block in blocks)
                await store.Write(Deployment, new(block.FirstMinute, BlockFormat.Write(block.FirstMinute, block.Parts)), cancellationToken);
            aggregator.MarkStored(blocks);
            foreach (var block in blocks.Where(block => block.IsClosed))
                history?.Add(block.Parts);
        }
        catch (Exception e)
        {
            var level = StorageOutageTracker.LogLevelFor(e, LogLevel.Warning);
            logger.LogStoreFailed(level, e, Deployment);
        }
    }
}
