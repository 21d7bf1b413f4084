using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Monitoring;

/// <summary>
/// Tells monitor grains what this silo counts: every few seconds, the minutes so far in absolute numbers, until they are stored. What cannot be told
/// is told later, for up to a quarter of an hour; a silo that ends in order tells its last. Nothing is told of deployments at rest.
/// </summary>
internal sealed partial class MonitorFeed(
    TrafficBook traffic,
    IEnumerable<ITrafficSampler> samplers,
    IGrainFactory grains,
    RepeatableCalls calls,
    ILocalSiloDetails silo,
    IOptions<MonitorOptions> options,
    TimeProvider time,
    ILogger<MonitorFeed> logger
) : BackgroundService
{
    private const int AtOnce = 32;
    private static readonly TimeSpan SamplePeriod = TimeSpan.FromSeconds(1);

    private readonly HashSet<DeploymentTraffic> busy = [];

    // With its generation: the next process at the same address is another source.
    private readonly string source = silo.SiloAddress.ToParsableString();

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await Tell(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It ends in a hurry: what was not told is lost.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SamplePeriod, time);
        var toldAt = time.GetTimestamp();
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await Sample(stoppingToken);
            if (time.GetElapsedTime(toldAt) < options.Value.ReportInterval)
                continue;
            toldAt = time.GetTimestamp();
            await Tell(stoppingToken);
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
                LogNotSampled(logger, e, sampler.GetType().Name);
            }
        }
    }

    private async Task Tell(CancellationToken cancellationToken)
    {
        while (traffic.TryTakeBusy(out var began))
            busy.Add(began!);
        var rested = new List<DeploymentTraffic>();
        await Parallel.ForEachAsync(
            busy,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (deployment, _) =>
            {
                if (await Tell(deployment) is false)
                    lock (rested)
                        rested.Add(deployment);
            }
        );
        busy.ExceptWith(rested);
    }

    /// <summary>Whether there is more to tell of it, or to learn whether it is stored.</summary>
    private async Task<bool> Tell(DeploymentTraffic deployment)
    {
        try
        {
            var parts = deployment.Collect(source);
            var monitor = grains.GetGrain<IMonitorGrain>(deployment.Deployment.Value);
            return deployment.Confirm(await calls.Make(() => monitor.Report(source, parts)));
        }
        catch (Exception e)
        {
            var level = StorageHealth.Level(e, LogLevel.Warning);
            LogNotTold(logger, level, e, deployment.Deployment);
            return true;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Sampler} could not sample for monitoring; trying again")]
    private static partial void LogNotSampled(ILogger logger, Exception exception, string sampler);

    [LoggerMessage(Message = "What was counted of deployment {Deployment} could not be told; trying again")]
    private static partial void LogNotTold(ILogger logger, LogLevel level, Exception exception, DeploymentName deployment);
}
