namespace DeployCard.LocalProcess.Cluster;

/// <summary>Polls silos for their pods and records the reports in the <see cref="ClusterPodDirectory"/>.</summary>
internal sealed partial class SiloPodsPoller(
    ISiloPodsClient client,
    ClusterPodDirectory board,
    TimeProvider time,
    ILogger<SiloPodsPoller> logger
)
{
    private static readonly TimeSpan CallTimeout = SiloPodsService.MaxWait + TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Polls one silo until <paramref name="cancellationToken"/> is canceled.</summary>
    public async Task Poll(SiloAddress silo, CancellationToken cancellationToken)
    {
        var isUnresponsive = false;
        var version = 0L;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var report = await client.GetPodsService(silo).Watch(version).WaitAsync(CallTimeout, time, cancellationToken);
                version = report.Version;
                board.ApplyReport(silo, report);
                if (isUnresponsive)
                    LogSiloRecovered(logger, silo);
                isUnresponsive = false;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                board.MarkUnresponsive(silo);
                if (!isUnresponsive)
                    LogSiloUnresponsive(logger, silo, e.Message);
                isUnresponsive = true;
                await Task.Delay(RetryDelay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "No pod report from silo {Silo}; using its last known pods until it responds or is declared dead: {Reason}"
    )]
    private static partial void LogSiloUnresponsive(ILogger logger, SiloAddress silo, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Silo {Silo} reports its pods again")]
    private static partial void LogSiloRecovered(ILogger logger, SiloAddress silo);
}
