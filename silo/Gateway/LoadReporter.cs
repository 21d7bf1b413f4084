using System.Collections.Concurrent;
using DeployCard.Client.Cluster;
using DeployCard.Contracts.Autoscaling;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;

namespace DeployCard.Gateway;

/// <summary>
/// Reports the load of this gateway to the deployments: immediately when a request begins to wait, so that a pod starts without delay, and
/// every second while a deployment has load or new activity. Every 15 s, the reporter also refreshes the routes of these deployments, in
/// case this gateway missed a pushed route.
/// </summary>
internal sealed partial class LoadReporter(
    RouteTable routes,
    IGrainFactory grains,
    GrainRetry retry,
    ILocalSiloDetails silo,
    TimeProvider time,
    ILogger<LoadReporter> logger
) : BackgroundService
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);
    private const int ReportsPerRefresh = 15;

    private readonly ConcurrentDictionary<DeploymentGate, DateTimeOffset> lastReported = new();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(ReportWaits(stoppingToken), ReportPeriodically(stoppingToken));

    private async Task ReportWaits(CancellationToken cancellationToken)
    {
        await foreach (var gate in routes.WaitNotifications.ReadAllAsync(cancellationToken))
        {
            // Not awaited, so that one slow deployment does not delay the others. Report logs its own failures.
            gate.WaitNotification.End();
            if (gate.Waiting > 0)
                _ = Report(gate);
        }
    }

    private async Task ReportPeriodically(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(ReportInterval, time);
        for (var tick = 1; await timer.WaitForNextTickAsync(cancellationToken); tick++)
        {
            var active = routes.Gates.Where(HasUnreportedChange).ToList();
            await Task.WhenAll(active.Select(Report));
            if (tick % ReportsPerRefresh == 0)
                await Task.WhenAll(active.Select(Refresh));
        }
    }

    private bool HasUnreportedChange(DeploymentGate gate) =>
        gate.Waiting > 0 || gate.InFlight > 0 || !lastReported.TryGetValue(gate, out var last) || gate.LastActivityAt > last;

    private async Task Report(DeploymentGate gate)
    {
        try
        {
            var report = new LoadReport(
                silo.SiloAddress.ToString(),
                time.GetUtcNow(),
                gate.InFlight,
                gate.Waiting,
                gate.LastActivityAt,
                gate.BusyPods
            );
            await retry.Execute(() => grains.GetGrain<IDeploymentGrain>(gate.Name.Value).ReportLoad(report));
            if (gate is { Waiting: 0, InFlight: 0 })
                lastReported[gate] = report.LastRequestAt;
        }
        catch (Exception e)
        {
            LogReportFailed(logger, e, gate.Name);
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
            LogRefreshFailed(logger, e, gate.Name);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Reporting the load of deployment {Deployment} failed; the next report retries")]
    private static partial void LogReportFailed(ILogger logger, Exception exception, DeploymentName deployment);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refreshing the route of deployment {Deployment} failed; the next refresh retries")]
    private static partial void LogRefreshFailed(ILogger logger, Exception exception, DeploymentName deployment);
}
