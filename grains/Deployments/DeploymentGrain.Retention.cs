using DeployCard.Grains.Results;
using DeployCard.Grains.Retention;

namespace DeployCard.Grains.Deployments;

internal sealed partial class DeploymentGrain
{
    private IGrainTimer? ending;

    public async Task<Outcome<DeploymentView>> Delete(string actor, CancellationToken cancellationToken)
    {
        if (Refusal() is { } refusal)
            return refusal;
        BeginChange().DeletedAt = time.GetUtcNow();
        State.DueAt = State.DeletedAt + options.Value.DeletedRetention;
        State.Keys = [];
        var view = await Commit(EventKind.Deleted, "Deleted.", actor, cancellationToken);
        ScheduleEnd();
        await remains.EndCalls(Name);
        await remains.RemoveKeys(Name, cancellationToken);
        return view;
    }

    public async Task ExpireIfDue(CancellationToken cancellationToken)
    {
        if (!Exists || State.DueAt is not { } due || due > time.GetUtcNow())
            return;
        // Each step can be repeated: where one fails, the next sweep begins again, and the name stays taken until all are done.
        await remains.Remove(Name, cancellationToken);
        await history.ClearStateAsync(cancellationToken);
        await stored.ClearStateAsync(cancellationToken);
        (stored.State, history.State) = (new(), new());
        Rest();
        await Publish(cancellationToken);
        feed.Complete();
        LogGone(logger, Name);
        DeactivateOnIdle();
    }

    private void ScheduleEnd()
    {
        if (State.DueAt is not { } due)
            return;
        ending?.Dispose();
        ending = this.RegisterEndTimer(ExpireIfDue, due, time.GetUtcNow());
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Deployment {Deployment} is gone: its retention is over")]
    private static partial void LogGone(ILogger logger, DeploymentName deployment);
}
