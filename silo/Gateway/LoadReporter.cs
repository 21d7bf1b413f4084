using System.Collections.Concurrent;
using DeployCard.Grains.Autoscaling;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// Tells deployments what this gateway has of them: at once when a request begins to wait, so that a pod starts without delay, and every
/// second while there is something to tell. It also writes down, once a minute, which keys were used, and reads routes in use once more
/// now and then, should a push have been missed.
/// </summary>
internal sealed partial class LoadReporter(RouteTable routes, IGrainFactory grains, ILocalSiloDetails silo, TimeProvider time, ILogger<LoadReporter> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private const int RefreshEvery = 15;
    private const int KeysEvery = 60;

    private readonly ConcurrentDictionary<string, DateTimeOffset> usedKeys = new();
    private readonly ConcurrentDictionary<DeploymentGate, DateTimeOffset> told = new();

    /// <summary>Notes that a key was used.</summary>
    public void KeyUsed(KeyEntry key) => usedKeys[key.Hash] = time.GetUtcNow();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(TellUrgent(stoppingToken), TellAll(stoppingToken));

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteKeys();
    }

    private async Task TellUrgent(CancellationToken cancellationToken)
    {
        await foreach (var gate in routes.Waits.ReadAllAsync(cancellationToken))
        {
            // Not awaited one after the other: a deployment that is slow to answer holds no other one up. Failures are logged.
            if (gate.Waiting > 0)
                _ = Report(gate);
        }
    }

    private async Task TellAll(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        for (var tick = 1; await timer.WaitForNextTickAsync(cancellationToken); tick++)
        {
            var active = routes.Gates.Where(HasNews).ToList();
            await Task.WhenAll(active.Select(Report));
            if (tick % RefreshEvery == 0)
                await Task.WhenAll(active.Select(Refresh));
            if (tick % KeysEvery == 0)
                await WriteKeys();
        }
    }

    private bool HasNews(DeploymentGate gate) =>
        gate.Waiting > 0 || gate.InFlight > 0 || !told.TryGetValue(gate, out var last) || gate.LastUse > last;

    private async Task Report(DeploymentGate gate)
    {
        try
        {
            var report = new LoadReport(silo.SiloAddress.ToString(), time.GetUtcNow(), gate.InFlight, gate.Waiting, gate.LastUse, gate.BusyPods);
            await grains.GetGrain<IDeploymentGrain>(gate.Name.Value).ReportLoad(report);
            if (gate is { Waiting: 0, InFlight: 0 })
                told[gate] = report.LastRequestAt;
        }
        catch (Exception e)
        {
            LogNotTold(logger, e, gate.Name);
        }
    }

    private async Task Refresh(DeploymentGate gate)
    {
        try
        {
            await routes.Refresh(gate);
        }
        catch (Exception e)
        {
            LogNotTold(logger, e, gate.Name);
        }
    }

    private async Task WriteKeys()
    {
        foreach (var (hash, at) in usedKeys)
        {
            try
            {
                usedKeys.TryRemove(new(hash, at));
                await grains.GetGrain<IKeyGrain>(hash).Used(at);
            }
            catch (Exception e)
            {
                LogKeyNotWritten(logger, e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deployment {Deployment} could not be told its load; trying again")]
    private static partial void LogNotTold(ILogger logger, Exception exception, DeploymentName deployment);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The last use of a key could not be written")]
    private static partial void LogKeyNotWritten(ILogger logger, Exception exception);
}
