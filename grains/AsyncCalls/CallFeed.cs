using System.Runtime.CompilerServices;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Live;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>Follows the calls of a deployment from silo to silo.</summary>
public sealed class CallFeed(IGrainFactory grains, ResumedFeed feed, TimeProvider time)
{
    /// <summary>Each change of one call, and that at once as it is.</summary>
    public IAsyncEnumerable<CallView> Follow(DeploymentName deployment, CallId call, CancellationToken cancellationToken) =>
        feed.ReadStates(token => Queue(deployment).Watch(call, null, token), cancellationToken);

    /// <summary>The newest of the deployment's calls as they are, oldest first, then each change. What changed while the queue moved is given as it is then.</summary>
    /// <param name="deployment">The deployment.</param>
    /// <param name="newest">How many at first, 0 to <see cref="CallGap.Most"/>.</param>
    /// <param name="cancellationToken">The reader's.</param>
    public async IAsyncEnumerable<CallView> FollowAll(
        DeploymentName deployment,
        int newest,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var (seen, beginning) = (new CallsSeen(time.GetUtcNow()), (int?)newest);
        await foreach (var call in feed.Read(Ask, cancellationToken))
        {
            beginning = null;
            if (seen.Take(call))
                yield return call;
        }

        IAsyncEnumerable<CallView> Ask(CancellationToken token)
        {
            // Where the queue goes before the first was given it is still the beginning.
            return Queue(deployment).Watch(null, seen.Gap() with { Newest = beginning ?? 0 }, token);
        }
    }

    private IQueueGrain Queue(DeploymentName deployment) => grains.GetGrain<IQueueGrain>(deployment.Value);
}
