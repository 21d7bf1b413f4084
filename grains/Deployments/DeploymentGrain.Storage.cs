using Orleans.Storage;

namespace DeployCard.Grains.Deployments;

/// <summary>
/// What a deployment notices by itself (status, failure, events) is stored as soon as that is possible. While it is not, pods, routes and queue
/// go on by what is in memory: nobody was promised anything. What a person changes is different: that is stored, or refused.
/// </summary>
internal sealed partial class DeploymentGrain
{
    /// <summary>How long it does not try again: each try may hold the grain up for as long as storage waits.</summary>
    private static readonly TimeSpan StoragePause = TimeSpan.FromSeconds(5);

    private bool isStateBehind;
    private bool isHistoryBehind;
    private DateTimeOffset catchUpAt;

    private bool IsBehind => isStateBehind || isHistoryBehind;

    private async Task CatchUp()
    {
        if (!IsBehind || time.GetUtcNow() < catchUpAt)
            return;
        try
        {
            if (isStateBehind)
                await stored.WriteStateAsync();
            isStateBehind = false;
            if (isHistoryBehind)
                await history.WriteStateAsync();
            isHistoryBehind = false;
        }
        catch (InconsistentStateException)
        {
            // Another activation has written: this one is not the deployment's any more.
            DeactivateOnIdle();
            throw;
        }
        catch (Exception e)
        {
            catchUpAt = time.GetUtcNow() + StoragePause;
            LogBehind(logger, Name, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What has become of deployment {Deployment} could not be stored, trying again: {Reason}")]
    private static partial void LogBehind(ILogger logger, DeploymentName deployment, string reason);
}
