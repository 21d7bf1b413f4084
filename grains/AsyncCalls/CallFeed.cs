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

    /// <summary>Each change of the deployment's calls from now on. What changed while the queue moved is given as it is then.</summary>
    public async IAsyncEnumerable<CallView> FollowAll(DeploymentName deployment, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (seen, isFirst) = (new CallsSeen(time.GetUtcNow()), true);
        await foreach (var call in feed.Read(Ask, cancellationToken))
        {
            if (seen.Take(call))
                yield return call;
        }

        IAsyncEnumerable<CallView> Ask(CancellationToken token)
        {
            var gap = isFirst ? null : seen.Gap();
            isFirst = false;
            return Queue(deployment).Watch(null, gap, token);
        }
    }

    private IQueueGrain Queue(DeploymentName deployment) => grains.GetGrain<IQueueGrain>(deployment.Value);
}
