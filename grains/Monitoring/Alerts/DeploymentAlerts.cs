using DeployCard.Grains.Deployments;
using DeployCard.Grains.Live;
using DeployCard.Grains.Storage;

namespace DeployCard.Grains.Monitoring.Alerts;

/// <summary>
/// Has what becomes of a deployment's alerts stored, then shown, then told among its events. What fails is done with the next look: an event may come twice
/// where a silo dies in between, but none is left out.
/// </summary>
internal sealed partial class DeploymentAlerts(
    DeploymentName name,
    AlertBook book,
    IAlertStore store,
    IDeploymentGrain deployment,
    LiveFeed<FiringAlerts> feed,
    TimeProvider time,
    ILogger logger
)
{
    private bool isStored;
    private bool hasNews;

    /// <summary>Whether there is nothing to look after: nothing is beyond its limit, and all is told.</summary>
    public bool IsEmpty => book.IsEmpty && !isStored;

    public FiringAlerts View => book.View;

    public async Task Restore(CancellationToken cancellationToken)
    {
        if (!(await store.Read([name], cancellationToken)).TryGetValue(name, out var stored))
            return;
        isStored = true;
        book.Restore(stored, time.GetUtcNow());
    }

    public async Task Look(Func<AlertLimit, double?> valueOf, CancellationToken cancellationToken)
    {
        hasNews |= book.Look(valueOf, time.GetUtcNow());
        if (IsEmpty)
            return;
        try
        {
            // A deleted one's pods and requests fail as they end: nobody is to look at that.
            if ((book.IsFiring || isStored) && await deployment.Get() is null or { DeletedAt: not null })
                book.Clear();
            await Store(cancellationToken);
            await Tell(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var level = StorageHealth.Level(e, LogLevel.Warning);
            LogNotTold(logger, level, e, name);
        }
    }

    /// <summary>They go for good, with their deployment.</summary>
    public Task Remove(CancellationToken cancellationToken)
    {
        book.Clear();
        feed.Complete();
        return store.Write(name, book.Stored, cancellationToken);
    }

    private async Task Store(CancellationToken cancellationToken)
    {
        // While one fires each time, for its value.
        var stored = book.Stored;
        if (isStored || stored is not { Firing: [], Notices: [] })
            await store.Write(name, stored, cancellationToken);
        isStored = stored is not { Firing: [], Notices: [] };
        if (hasNews)
            feed.Publish(stored.ToView());
        hasNews = false;
    }

    private async Task Tell(CancellationToken cancellationToken)
    {
        if (book.Notices.Count == 0)
            return;
        while (book.Notices is [var notice, ..])
        {
            await deployment.Note(notice.Kind, notice.Message, DeploymentEvent.System);
            LogChanged(logger, name, notice.Kind, notice.Message);
            book.Told(notice);
        }

        await Store(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Deployment {Deployment}: {Event}. {Message}")]
    private static partial void LogChanged(ILogger logger, DeploymentName deployment, EventKind @event, string message);

    [LoggerMessage(Message = "The alerts of deployment {Deployment} could not be stored or told yet; trying again")]
    private static partial void LogNotTold(ILogger logger, LogLevel level, Exception exception, DeploymentName deployment);
}
