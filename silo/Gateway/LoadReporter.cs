using System.Collections.Concurrent;
using DeployCard.Grains.Autoscaling;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// Tells deployments what this gateway has of them: at once when a request begins to wait, so that a pod starts without delay, and every
/// second while there is something to tell. It also reads routes in use once more now and then, should a push have been missed.
/// </summary>
internal sealed partial class LoadReporter(
    RouteTable routes,
    IGrainFactory grains,
    RepeatableCalls calls,
    ILocalSiloDetails silo,
    TimeProvider time,
    ILogger<LoadReporter> logger
) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private const int RefreshEvery = 15;

    private readonly ConcurrentDictionary<DeploymentGate, DateTimeOffset> told = new();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(TellUrgent(stoppingToken), TellAll(stoppingToken));

    private async Task TellUrgent(CancellationToken cancellationToken)
    {
        await foreach (var gate in routes.Waits.ReadAllAsync(cancellationToken))
        {
            // Not awaited one after the other: a deployment that is slow to answer holds no other one up. Failures are logged.
            gate.Telling();
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
        }
    }

    private bool HasNews(DeploymentGate gate) =>
        gate.Waiting > 0 || gate.InFlight > 0 || !told.TryGetValue(gate, out var last) || gate.LastUse > last;

    private async Task Report(DeploymentGate gate)
    {
        try
        {
            var report = new LoadReport(
                silo.SiloAddress.ToString(),
                time.GetUtcNow(),
                gate.InFlight,
                gate.Waiting,
                gate.LastUse,
                gate.BusyPods
            );
            await calls.Make(() => grains.GetGrain<IDeploymentGrain>(gate.Name.Value).ReportLoad(report));
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deployment {Deployment} could not be told its load; trying again")]
    private static partial void LogNotTold(ILogger logger, Exception exception, DeploymentName deployment);
}
