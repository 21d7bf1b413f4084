using Orleans.Storage;

namespace DeployCard.Grains.Deployments;

/// <summary>
/// What a deployment notices by itself (status, failure, events) is stored as soon as that is possible. While it is not, pods, routes and queue
/// go on by what is in memory: nobody was promised anything. What a person changes is different: that is stored, or refused, and then
/// everything is as before.
/// </summary>
internal sealed partial class DeploymentGrain
{
    /// <summary>How long it does not try again: each try may hold the grain up for as long as storage waits.</summary>
    private static readonly TimeSpan StoragePause = TimeSpan.FromSeconds(5);

    // What a person is about to change, as it was: what could not be stored is not seen either.
    private DeploymentState? unchanged;

    private bool isStateBehind;
    private bool isHistoryBehind;
    private DateTimeOffset catchUpAt;

    private bool IsBehind => isStateBehind || isHistoryBehind;

    /// <summary>The state, for a person to change and then to be saved.</summary>
    private DeploymentState BeginChange()
    {
        unchanged = State;
        return stored.State = State.Copy();
    }

    private async Task Save(CancellationToken cancellationToken)
    {
        try
        {
            await stored.WriteStateAsync(cancellationToken);
            isStateBehind = false;
        }
        catch (Exception e)
        {
            stored.State = unchanged!;
            // Who began to watch meanwhile has seen what is not.
            if (Exists)
                feed.Publish(shown = View());
            if (e is InconsistentStateException)
                GiveUp();
            throw;
        }
        finally
        {
            unchanged = null;
        }
    }

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
            GiveUp();
            throw;
        }
        catch (Exception e)
        {
            catchUpAt = time.GetUtcNow() + StoragePause;
            LogBehind(logger, Name, e.Message);
        }
    }

    /// <summary>Another activation has written: this one is not the deployment's any more.</summary>
    private void GiveUp()
    {
        feed.BreakOff();
        DeactivateOnIdle();
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "What has become of deployment {Deployment} could not be stored, trying again: {Reason}"
    )]
    private static partial void LogBehind(ILogger logger, DeploymentName deployment, string reason);
}
