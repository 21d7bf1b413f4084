using System.Runtime.CompilerServices;
using DeployCard.Client.Live;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;

namespace DeployCard.Client.AsyncCalls;

/// <summary>Subscribes to the calls of a deployment and resumes the stream when the deployment's queue moves to another silo.</summary>
public sealed class CallSubscriptions(IGrainFactory grains, ResumableStream streams, TimeProvider time)
{
    /// <summary>Streams the current state of one call, then the call after each change.</summary>
    public IAsyncEnumerable<CallView> Subscribe(DeploymentName deployment, CallId call, CancellationToken cancellationToken) =>
        streams.ReadStates(token => GetQueue(deployment).Watch(call, null, token), cancellationToken);

    /// <summary>
    /// Streams the newest calls of a deployment in their current state, oldest first, then each call that changes. Calls that changed while
    /// the queue moved are returned once, in their state after the move.
    /// </summary>
    /// <param name="deployment">Name of the deployment.</param>
    /// <param name="newest">Number of calls in the initial snapshot, 0 to <see cref="CallResumePoint.MaxCalls"/>.</param>
    /// <param name="cancellationToken">Ends the subscription when canceled.</param>
    public async IAsyncEnumerable<CallView> SubscribeAll(
        DeploymentName deployment,
        int newest,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var (seen, snapshot) = (new CallStreamCursor(time.GetUtcNow()), (int?)newest);
        await foreach (var call in streams.Read(Ask, cancellationToken))
        {
            snapshot = null;
            if (seen.TryAdvance(call))
                yield return call;
        }

        IAsyncEnumerable<CallView> Ask(CancellationToken token)
        {
            // If the stream is interrupted before the first call was returned, the snapshot is requested again.
            return GetQueue(deployment).Watch(null, seen.ToResumePoint() with { NewestCount = snapshot ?? 0 }, token);
        }
    }

    private IQueueGrain GetQueue(DeploymentName deployment) => grains.GetGrain<IQueueGrain>(deployment.Value);
}
