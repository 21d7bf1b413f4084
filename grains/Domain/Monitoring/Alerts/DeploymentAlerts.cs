using DeployCard.Common.Live;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Monitoring.Alerts;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Storage;

namespace DeployCard.Domain.Monitoring.Alerts;

/// <summary>
/// Applies changes of the alerts of a deployment: stores them, then publishes them to subscribers, then adds them to the events of the
/// deployment. A step that fails is repeated by the next evaluation. If the silo stops in between, an event may be added twice, but is
/// not lost.
/// </summary>
internal sealed partial class DeploymentAlerts(
    DeploymentName name,
    AlertEvaluator evaluator,
    IAlertStore store,
    IDeploymentGrain deployment,
    Broadcaster<FiringAlerts> broadcaster,
    TimeProvider time,
    ILogger logger
)
{
    private bool isStored;
    private bool hasUnpublishedChange;

    /// <summary>Whether every value is within its threshold, no notice is pending and no row is stored.</summary>
    public bool IsEmpty => evaluator.IsEmpty && !isStored;

    public FiringAlerts View => evaluator.View;

    public async Task Restore(CancellationToken cancellationToken)
    {
        if (!(await store.Read([name], cancellationToken)).TryGetValue(name, out var stored))
            return;
        isStored = true;
        evaluator.Restore(stored, time.GetUtcNow());
    }

    public async Task Evaluate(Func<AlertCondition, double?> valueOf, CancellationToken cancellationToken)
    {
        hasUnpublishedChange |= evaluator.Evaluate(valueOf, time.GetUtcNow());
        if (IsEmpty)
            return;
        try
        {
            // Pods and requests of a deleted deployment fail while it is torn down. These failures must not raise alerts.
            if ((evaluator.IsFiring || isStored) && await deployment.Get() is null or { DeletedAt: not null })
                evaluator.Clear();
            await Store(cancellationToken);
            await AppendEvents(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var level = StorageOutageTracker.LogLevelFor(e, LogLevel.Warning);
            LogAlertUpdateFailed(logger, level, e, name);
        }
    }

    /// <summary>Deletes the stored alerts and ends all subscriptions, because the deployment is purged.</summary>
    public Task Remove(CancellationToken cancellationToken)
    {
        evaluator.Clear();
        broadcaster.Complete();
        return store.Write(name, evaluator.Snapshot, cancellationToken);
    }

    private async Task Store(CancellationToken cancellationToken)
    {
        // While an alert fires, every evaluation is stored, because the value may have changed.
        var stored = evaluator.Snapshot;
        if (isStored || stored is not { Firing: [], Notices: [] })
            await store.Write(name, stored, cancellationToken);
        isStored = stored is not { Firing: [], Notices: [] };
        if (hasUnpublishedChange)
            broadcaster.Publish(stored.ToView());
        hasUnpublishedChange = false;
    }

    private async Task AppendEvents(CancellationToken cancellationToken)
    {
        if (evaluator.Notices.Count == 0)
            return;
        while (evaluator.Notices is [var notice, ..])
        {
            await deployment.RecordEvent(notice.Kind, notice.Message, DeploymentEvent.SystemActor);
            LogAlertChanged(logger, name, notice.Kind, notice.Message);
            evaluator.RemoveNotice(notice);
        }

        await Store(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "An alert of deployment {Deployment} changed ({Event}): {Message}")]
    private static partial void LogAlertChanged(ILogger logger, DeploymentName deployment, EventKind @event, string message);

    [LoggerMessage(Message = "Storing or publishing the alerts of deployment {Deployment} failed; the next evaluation retries")]
    private static partial void LogAlertUpdateFailed(ILogger logger, LogLevel level, Exception exception, DeploymentName deployment);
}
