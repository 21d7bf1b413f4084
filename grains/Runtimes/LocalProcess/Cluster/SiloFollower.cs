namespace DeployCard.Grains.Runtimes.LocalProcess.Cluster;

/// <summary>Asks the silos for their pods, again and again, and notes what they say on the board.</summary>
internal sealed partial class SiloFollower(ISiloPodsClient client, ClusterBoard board, TimeProvider time, ILogger<SiloFollower> logger)
{
    private static readonly TimeSpan Patience = SiloPodsService.LongestWait + TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Follows one silo until it is told not to.</summary>
    public async Task Follow(SiloAddress silo, CancellationToken cancellationToken)
    {
        var isSilent = false;
        var version = 0L;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var told = await client.Of(silo).Watch(version).WaitAsync(Patience, time, cancellationToken);
                version = told.Version;
                board.Take(silo, told);
                if (isSilent)
                    LogBack(logger, silo);
                isSilent = false;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                board.SetSilent(silo);
                if (!isSilent)
                    LogSilent(logger, silo, e.Message);
                isSilent = true;
                await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Silo {Silo} does not tell its pods now; those that it told last count until it does, or is declared dead: {Reason}"
    )]
    private static partial void LogSilent(ILogger logger, SiloAddress silo, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Silo {Silo} tells its pods again")]
    private static partial void LogBack(ILogger logger, SiloAddress silo);
}
