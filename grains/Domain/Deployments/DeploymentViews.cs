using DeployCard.Common.Live;
using DeployCard.Contracts.Deployments;

namespace DeployCard.Domain.Deployments;

/// <summary>
/// Owns what subscribers have received. Invariant: each subscriber receives the view at its subscription and then each changed view. An
/// unchanged view is sent again only after a rollback.
/// </summary>
/// <param name="create">Creates the view from the current state. It is called only while the deployment exists.</param>
/// <param name="onChanged">Receives each changed view, for the subscribers of all deployments. It must not wait.</param>
/// <param name="stopping">Token that is canceled when the silo stops; it aborts all streams.</param>
internal sealed class DeploymentViews(Func<DeploymentView> create, Action<DeploymentView> onChanged, CancellationToken stopping)
{
    private readonly Broadcaster<DeploymentView> broadcaster = new(1, stopping);
    private DeploymentView? latest;

    /// <summary>The view of the current state.</summary>
    public DeploymentView Current => create();

    /// <summary>
    /// Streams the current view and then each change. The stream ends when the deployment is purged. A slow reader misses intermediate
    /// views, never the latest one.
    /// </summary>
    public IAsyncEnumerable<DeploymentView> Subscribe(CancellationToken cancellationToken) =>
        broadcaster.Subscribe(() => new([Current]), cancellationToken);

    /// <summary>Sends the current view to the subscribers if it has changed.</summary>
    public void Publish()
    {
        var view = Current;
        if (view == latest)
            return;
        broadcaster.Publish(latest = view);
        onChanged(view);
    }

    /// <summary>
    /// Sends the restored view after a change was rolled back. A subscription that started during the write has received the change. The
    /// subscribers of all deployments have not, because a change is published only after it is stored.
    /// </summary>
    public void PublishRestored() => broadcaster.Publish(latest = Current);

    /// <summary>Completes all streams, because the deployment is purged.</summary>
    public void Complete() => broadcaster.Complete();

    /// <summary>Aborts all streams, because the grain deactivates; clients then subscribe again.</summary>
    public void Abort() => broadcaster.Abort();
}
