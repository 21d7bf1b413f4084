using DeployCard.Domain.Retention;

namespace DeployCard.Domain.Deployments;

/// <summary>The timer that reconciles the pods of a deployment periodically and keeps its grain active.</summary>
internal interface IReconcileTimer
{
    /// <summary>Starts the timer; does nothing if it runs.</summary>
    /// <param name="reconcile">Called at each tick. The call does not interleave with other calls to the grain.</param>
    void Start(Func<Task> reconcile);

    /// <summary>Stops the timer; does nothing if it does not run.</summary>
    void Stop();
}

/// <summary>Owns the timers of a deployment grain. Invariant: at most one timer of each kind runs.</summary>
/// <param name="grain">The grain on whose scheduler the timers run.</param>
/// <param name="interval">Interval between two reconciliations.</param>
/// <param name="time">Clock that determines the delay until the purge.</param>
internal sealed class DeploymentTimers(IGrainBase grain, TimeSpan interval, TimeProvider time) : IReconcileTimer
{
    private IGrainTimer? reconcileTimer;
    private IGrainTimer? purgeTimer;

    /// <inheritdoc/>
    public void Start(Func<Task> reconcile) =>
        reconcileTimer ??= grain.RegisterGrainTimer(
            _ => reconcile(),
            new GrainTimerCreationOptions(interval, interval) { KeepAlive = true }
        );

    /// <inheritdoc/>
    public void Stop()
    {
        reconcileTimer?.Dispose();
        reconcileTimer = null;
    }

    /// <summary>Schedules the purge; replaces the previous schedule.</summary>
    /// <param name="dueAt">Time of the purge, UTC; null if the deployment is not deleted, and nothing is then scheduled.</param>
    /// <param name="purge">Purges the deployment. Must do nothing if it is called too early.</param>
    public void SchedulePurge(DateTimeOffset? dueAt, Func<CancellationToken, Task> purge)
    {
        if (dueAt is not { } due)
            return;
        purgeTimer?.Dispose();
        purgeTimer = grain.RegisterExpiryTimer(purge, due, time.GetUtcNow());
    }
}
