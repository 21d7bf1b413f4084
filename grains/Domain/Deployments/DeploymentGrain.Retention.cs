using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Results;
using DeployCard.Domain.Retention;

namespace DeployCard.Domain.Deployments;

internal sealed partial class DeploymentGrain
{
    private IGrainTimer? purgeTimer;

    public async Task<Outcome<DeploymentView>> Delete(string actor, CancellationToken cancellationToken)
    {
        if (FindRejection() is { } rejection)
            return rejection;
        BeginUpdate().DeletedAt = time.GetUtcNow();
        State.DueAt = State.DeletedAt + options.Value.DeletedRetention;
        State.Keys = [];
        var view = await Commit(EventKind.Deleted, "Deleted.", actor, cancellationToken);
        SchedulePurge();
        await cleanup.EndCalls(Name);
        await cleanup.RemoveKeys(Name, cancellationToken);
        return view;
    }

    public async Task ExpireIfDue(CancellationToken cancellationToken)
    {
        if (!Exists || State.DueAt is not { } due || due > time.GetUtcNow())
            return;
        // Every step is idempotent. If one fails, the next sweep starts over, and the name stays taken until all steps are done.
        await cleanup.RemoveAll(Name, cancellationToken);
        await history.ClearStateAsync(cancellationToken);
        await stored.ClearStateAsync(cancellationToken);
        (stored.State, history.State) = (new(), new());
        StopTimer();
        await Publish(cancellationToken);
        broadcaster.Complete();
        LogPurged(logger, Name);
        DeactivateOnIdle();
    }

    private void SchedulePurge()
    {
        if (State.DueAt is not { } due)
            return;
        purgeTimer?.Dispose();
        purgeTimer = this.RegisterExpiryTimer(ExpireIfDue, due, time.GetUtcNow());
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Purged deployment {Deployment} after its retention")]
    private static partial void LogPurged(ILogger logger, DeploymentName deployment);
}
