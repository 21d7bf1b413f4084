using DeployCard.Contracts.Names;
using Orleans.Storage;

namespace DeployCard.Domain.Deployments;

/// <summary>
/// Storage rules of a deployment. Changes without a user's command (status, failure, events) are stored as soon as possible. While storage
/// is unavailable, pods, routes and the queue continue with the state in memory, because no caller relies on these changes being stored. A
/// user's change is either stored or rejected; if it is rejected, the previous state is restored.
/// </summary>
internal sealed partial class DeploymentGrain
{
    /// <summary>Delay before writing is retried. Each attempt can block the grain for as long as storage waits.</summary>
    private static readonly TimeSpan StorageRetryDelay = TimeSpan.FromSeconds(5);

    // State before the current user's change; restored if the change cannot be stored.
    private DeploymentState? rollbackState;

    private bool isStatePending;
    private bool isHistoryPending;
    private DateTimeOffset nextFlushAt;

    private bool HasPendingWrites => isStatePending || isHistoryPending;

    /// <summary>Replaces the state with a copy that the caller modifies and then saves.</summary>
    private DeploymentState BeginUpdate()
    {
        rollbackState = State;
        return stored.State = State.Copy();
    }

    private async Task Save(CancellationToken cancellationToken)
    {
        try
        {
            await stored.WriteStateAsync(cancellationToken);
            isStatePending = false;
        }
        catch (Exception e)
        {
            stored.State = rollbackState!;
            // A subscription that started during the write has received the rolled-back change; send it the restored state.
            if (Exists)
                broadcaster.Publish(lastView = CreateView());
            if (e is InconsistentStateException)
                DeactivateAsStale();
            throw;
        }
        finally
        {
            rollbackState = null;
        }
    }

    private async Task FlushPendingWrites()
    {
        if (!HasPendingWrites || time.GetUtcNow() < nextFlushAt)
            return;
        try
        {
            if (isStatePending)
                await stored.WriteStateAsync();
            isStatePending = false;
            if (isHistoryPending)
                await history.WriteStateAsync();
            isHistoryPending = false;
        }
        catch (InconsistentStateException)
        {
            DeactivateAsStale();
            throw;
        }
        catch (Exception e)
        {
            nextFlushAt = time.GetUtcNow() + StorageRetryDelay;
            LogStorageUnavailable(logger, Name, e.Message);
        }
    }

    /// <summary>
    /// Aborts the subscriptions and deactivates this activation, because another one has written the state and owns the deployment now.
    /// </summary>
    private void DeactivateAsStale()
    {
        broadcaster.Abort();
        DeactivateOnIdle();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Storing the state of deployment {Deployment} failed; it will be retried: {Reason}")]
    private static partial void LogStorageUnavailable(ILogger logger, DeploymentName deployment, string reason);
}
