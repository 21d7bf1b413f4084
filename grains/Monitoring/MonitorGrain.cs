using System.Runtime.CompilerServices;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Live;
using DeployCard.Grains.Monitoring.Alerts;
using DeployCard.Grains.Results;
using DeployCard.Grains.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace DeployCard.Grains.Monitoring;

// By load figures, which are a second old, all that come at once would go to one silo.
[RandomPlacement]
internal sealed partial class MonitorGrain(
    IMonitorStore store,
    IAlertStore alertStore,
    IOptions<MonitorOptions> options,
    IOptions<AlertOptions> alerting,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<MonitorGrain> logger
) : Grain, IMonitorGrain
{
    private readonly LiveFeed<long> feed = new(1, lifetime.ApplicationStopping);
    private readonly MonitorLedger ledger = new();
    private readonly LiveFeed<FiringAlerts> alertFeed = new(1, lifetime.ApplicationStopping);
    private DeploymentAlerts? alerts;
    private MonitorHistory? history;
    private DateTimeOffset askedAt;

    private DeploymentName Deployment => DeploymentName.Parse(this.GetPrimaryKeyString());

    private long Now => MinuteBucket.MinuteOf(time.GetUtcNow());

    private long Oldest => MinuteBucket.MinuteOf(time.GetUtcNow() - options.Value.Retention);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var recent = await store.Read(Deployment, MonitorLedger.FirstRecent(Now), cancellationToken);
        ledger.Restore(recent.SelectMany(BlockFormat.Read));
        var book = new AlertBook(AlertLimit.Of(alerting.Value), alerting.Value.KeepFiringFor);
        alerts = new(Deployment, book, alertStore, GrainFactory.GetGrain<IDeploymentGrain>(Deployment.Value), alertFeed, time, logger);
        await alerts.Restore(cancellationToken);
        this.RegisterGrainTimer(Look, options.Value.FlushInterval, options.Value.FlushInterval);
        // It calls the deployment, which may be calling this one at the time, to have it gone.
        this.RegisterGrainTimer(
            LookAtAlerts,
            new GrainTimerCreationOptions(alerting.Value.EvaluationInterval, alerting.Value.EvaluationInterval) { Interleave = true }
        );
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        feed.BreakOff();
        alertFeed.BreakOff();
        await Store(cancellationToken);
    }

    public Task<MonitorReceipt> Report(string source, IReadOnlyList<MinutePart> parts)
    {
        var (now, isNews) = (Now, false);
        foreach (var part in parts)
            isNews |= ledger.Take(part, now);
        if (isNews)
            feed.Publish(now);
        return Task.FromResult(ledger.Receipt(source));
    }

    public async Task<Outcome<MonitorView>> Query(MonitorQuery query)
    {
        var (range, error) = MonitorRange.Of(query, time.GetUtcNow(), options.Value.Retention);
        return error is not null ? error : await View(range);
    }

    public Task<MonitorView> Latest(int minutes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minutes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minutes, IMonitorGrain.MostLatest);
        return View(MonitorRange.Last(minutes, time.GetUtcNow()));
    }

    public async IAsyncEnumerable<MonitorView> Watch(int minutes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var _ in feed.Watch(() => new([Now]), cancellationToken))
            yield return await Latest(minutes);
    }

    public IAsyncEnumerable<FiringAlerts> WatchAlerts(CancellationToken cancellationToken) =>
        alertFeed.Watch(() => new([alerts!.View]), cancellationToken);

    public Task Wake() => Task.CompletedTask;

    public async Task Remove(CancellationToken cancellationToken)
    {
        await store.Delete(Deployment, cancellationToken);
        ledger.Clear();
        history = null;
        await alerts!.Remove(cancellationToken);
        feed.Complete();
        DeactivateOnIdle();
    }

    private async Task<MonitorView> View(MonitorRange range)
    {
        if (range.Points == 0 || range.From >= MonitorLedger.FirstRecent(Now))
            return MonitorPoints.Of(range, minute => ledger.TryFind(minute, out var open) ? open : null);
        askedAt = time.GetUtcNow();
        var past = history ??= await Load();
        return MonitorPoints.Of(range, minute => ledger.TryFind(minute, out var open) ? open : past.Find(minute));
    }

    private async Task<MonitorHistory> Load()
    {
        var loaded = new MonitorHistory();
        foreach (var block in await store.Read(Deployment, Oldest - MonitorLedger.BlockMinutes, CancellationToken.None))
            loaded.Add(BlockFormat.Read(block));
        return loaded;
    }

    private async Task Look(CancellationToken cancellationToken)
    {
        await Store(cancellationToken);
        if (time.GetUtcNow() - askedAt > MonitorHistory.Patience)
            history = null;
        history?.DropBefore(Oldest);
        ledger.Forget(Now);
    }

    private async Task LookAtAlerts(CancellationToken cancellationToken)
    {
        var now = Now;
        await alerts!.Look(limit => AlertValue.Of(limit, ledger.From(now - limit.Window + 1)), cancellationToken);
        // Nobody tells anything of a deployment that has come to rest, and what fires must be over some time.
        if (!alerts.IsEmpty)
            DelayDeactivation(alerting.Value.EvaluationInterval * 3);
    }

    private async Task Store(CancellationToken cancellationToken)
    {
        ledger.DropBefore(Oldest);
        var blocks = ledger.ToWrite(Now);
        if (blocks.Count == 0)
            return;
        try
        {
            foreach (var block in blocks)
                await store.Write(Deployment, new(block.FirstMinute, BlockFormat.Write(block.FirstMinute, block.Parts)), cancellationToken);
            ledger.Stored(blocks);
            foreach (var block in blocks.Where(block => block.IsClosed))
                history?.Add(block.Parts);
        }
        catch (Exception e)
        {
            var level = StorageHealth.Level(e, LogLevel.Warning);
            LogNotStored(logger, level, e, Deployment);
        }
    }

    [LoggerMessage(Message = "The last minutes of monitoring of deployment {Deployment} could not be stored yet")]
    private static partial void LogNotStored(ILogger logger, LogLevel level, Exception exception, DeploymentName deployment);
}
