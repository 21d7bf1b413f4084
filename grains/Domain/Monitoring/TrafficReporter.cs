using DeployCard.Client.Cluster;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DeployCard.Domain.Monitoring;

/// <summary>
/// Reports the traffic counted on this silo to the monitor grains, every <see cref="MonitorOptions.ReportInterval"/>. Reports contain
/// absolute counts and are repeated until the grain has stored them. A failed report is retried for up to 15 minutes. A silo that shuts
/// down gracefully sends a last report. Idle deployments are not reported.
/// </summary>
internal sealed partial class TrafficReporter(
    TrafficRegistry traffic,
    IEnumerable<ITrafficSampler> samplers,
    IGrainFactory grains,
    GrainRetry retry,
    ILocalSiloDetails silo,
    IOptions<MonitorOptions> options,
    TimeProvider time,
    ILogger<TrafficReporter> logger
) : BackgroundService
{
    private const int MaxConcurrency = 32;
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    private readonly HashSet<DeploymentTraffic> active = [];

    // Includes the generation: the next process at the same address is a different source.
    private readonly string source = silo.SiloAddress.ToParsableString();

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await Report(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The shutdown deadline has passed: unreported counts are lost.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TickInterval, time);
        var reportedAt = time.GetTimestamp();
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await Sample(stoppingToken);
            if (time.GetElapsedTime(reportedAt) < options.Value.ReportInterval)
                continue;
            reportedAt = time.GetTimestamp();
            await Report(stoppingToken);
        }
    }

    private async Task Sample(CancellationToken cancellationToken)
    {
        foreach (var sampler in samplers)
        {
            try
            {
                await sampler.Sample(cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                LogSamplingFailed(logger, e, sampler.GetType().Name);
            }
        }
    }

    private async Task Report(CancellationToken cancellationToken)
    {
        while (traffic.TryDequeueActive(out var deployment))
            active.Add(deployment!);
        var idle = new List<DeploymentTraffic>();
        await Parallel.ForEachAsync(
            active,
            new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrency, CancellationToken = cancellationToken },
            async (deployment, _) =>
            {
                if (await Report(deployment) is false)
                    lock (idle)
                        idle.Add(deployment);
            }
        );
        active.ExceptWith(idle);
    }

    /// <summary>Reports one deployment. Returns false if all its minutes are stored.</summary>
    private async Task<bool> Report(DeploymentTraffic deployment)
    {
        try
        {
            var parts = deployment.Collect(source);
            var monitor = grains.GetGrain<IMonitorGrain>(deployment.Deployment.Value);
            return deployment.Acknowledge(await retry.Execute(() => monitor.Report(source, parts)));
        }
        catch (Exception e)
        {
            var level = StorageOutageTracker.LogLevelFor(e, LogLevel.Warning);
            LogReportFailed(logger, level, e, deployment.Deployment);
            return true;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Sampler} failed to sample monitoring data; the next sample retries")]
    private static partial void LogSamplingFailed(ILogger logger, Exception exception, string sampler);

    [LoggerMessage(Message = "Reporting the traffic of deployment {Deployment} failed; the next report retries")]
    private static partial void LogReportFailed(ILogger logger, LogLevel level, Exception exception, DeploymentName deployment);
}
