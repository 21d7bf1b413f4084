using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using Orleans.Storage;

namespace DeployCard.Domain.Deployments;

/// <summary>
/// Owns the stored state and the stored history of a deployment. Invariant: a user's change is either stored or rolled back, and a derived
/// change never waits for storage. Derived changes (status, failure, events) are stored as soon as possible. While storage is unavailable,
/// pods, routes and the queue continue with the state in memory, because no caller relies on these changes being stored.
/// </summary>
/// <param name="name">Name of the deployment, for log messages.</param>
/// <param name="stored">Stored state of the deployment.</param>
/// <param name="history">Stored history of the deployment.</param>
/// <param name="onRolledBack">Called after a user's change was rolled back, because subscribers may have received it.</param>
/// <param name="onStale">Called after another activation has written the state; this activation must then deactivate.</param>
/// <param name="time">Clock that decides when a failed write is retried.</param>
/// <param name="logger">Logger of the grain.</param>
internal sealed class DeploymentStorage(
    DeploymentName name,
    IPersistentState<DeploymentState> stored,
    IPersistentState<DeploymentHistory> history,
    Action onRolledBack,
    Action onStale,
    TimeProvider time,
    ILogger logger
)
{
    /// <summary>Delay before writing is retried. Each attempt can block the grain for as long as storage waits.</summary>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    private bool isStatePending;
    private bool isHistoryPending;
    private DateTimeOffset nextFlushAt;

    /// <summary>
    /// The current state. Only <see cref="Commit"/> and <see cref="Derive"/> change it: a caller that wants another state commits a copy.
    /// </summary>
    public DeploymentState State => stored.State;

    /// <summary>The latest events, oldest first.</summary>
    public IReadOnlyList<DeploymentEvent> Events => history.State.Events;

    /// <summary>The latest pods that have exited, oldest first.</summary>
    public IReadOnlyList<PodObservation> EndedPods => history.State.EndedPods;

    /// <summary>Whether a derived change or an event is not stored yet.</summary>
    public bool HasPendingWrites => isStatePending || isHistoryPending;

    /// <summary>
    /// Stores a user's change. If storing fails, the previous state returns and the error is thrown. A deployment that is created starts
    /// with an empty history.
    /// </summary>
    /// <param name="next">The new state, usually a changed copy of <see cref="State"/>.</param>
    /// <param name="cancellationToken">Cancels the write; the change is then rolled back.</param>
    public async Task Commit(DeploymentState next, CancellationToken cancellationToken)
    {
        var previous = stored.State;
        if (!previous.Exists)
            history.State = new();
        stored.State = next;
        try
        {
            await stored.WriteStateAsync(cancellationToken);
            isStatePending = false;
        }
        catch (Exception e)
        {
            stored.State = previous;
            onRolledBack();
            if (e is InconsistentStateException)
                onStale();
            throw;
        }
    }

    /// <summary>
    /// Applies a derived change, and tries to store it if the status, the failure or the activity has changed. Pending changes of before
    /// are stored too.
    /// </summary>
    /// <param name="derive">Changes the derived members of the state.</param>
    public Task Derive(Action<DeploymentState> derive)
    {
        var before = (State.Status, State.Failure, State.IsActive);
        derive(State);
        if (before != (State.Status, State.Failure, State.IsActive))
            isStatePending = true;
        return Flush();
    }

    /// <summary>Adds an event to the history, and tries to store it.</summary>
    /// <param name="happened">Event to add to the history.</param>
    /// <param name="ended">The pod whose end the event reports; null if it reports something else.</param>
    public Task Record(DeploymentEvent happened, PodObservation? ended = null)
    {
        if (ended is not null)
            history.State.Add(ended);
        history.State.Add(happened);
        isHistoryPending = true;
        return Flush();
    }

    /// <summary>
    /// Removes the state and the history. The state is removed last, so that the name stays taken if removing the history fails.
    /// </summary>
    public async Task Clear(CancellationToken cancellationToken)
    {
        await history.ClearStateAsync(cancellationToken);
        await stored.ClearStateAsync(cancellationToken);
        (stored.State, history.State) = (new(), new());
    }

    private async Task Flush()
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
            onStale();
            throw;
        }
        catch (Exception e)
        {
            nextFlushAt = time.GetUtcNow() + RetryDelay;
            logger.LogStorageUnavailable(name, e.Message);
        }
    }
}
