using DeployCard.Contracts.AsyncCalls;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// The stored state of a call. The invariant: a change is written before it is announced to the queue and its subscribers. If writing
/// fails, the previous state stays current and nothing is announced.
/// </summary>
/// <param name="key">Key of the grain: the id of the call.</param>
/// <param name="stored">Persistent state of the grain.</param>
/// <param name="grains">Access to the queue of the call.</param>
/// <param name="onWritten">Called after a change was written and before it is announced.</param>
internal sealed class StoredCall(string key, IPersistentState<AsyncCallState> stored, IGrainFactory grains, Action onWritten)
{
    /// <summary>Id of the call.</summary>
    /// <exception cref="FormatException">The key of the grain is not a call id.</exception>
    public CallId Id =>
        CallId.TryParse(key, out var id)
            ? id
            : throw new FormatException($"Grain key '{key}' is not a call id: 32 hexadecimal digits are expected.");

    /// <summary>Current state; an empty state if the call does not exist.</summary>
    public AsyncCallState State => stored.State;

    /// <summary>Whether the call was accepted and is not removed.</summary>
    public bool Exists => State.Id is not null;

    /// <summary>Whether the call exists and has not ended.</summary>
    public bool IsOpen => Exists && !State.HasEnded;

    /// <summary>Queue of the deployment that executes the call.</summary>
    public IQueueGrain Queue => grains.GetGrain<IQueueGrain>(State.Deployment);

    /// <summary>The grain of this call, for work in the background that reports its result as an ordinary request.</summary>
    public IAsyncCallGrain Self => grains.GetGrain<IAsyncCallGrain>(Id.Value);

    /// <summary>
    /// Stores <paramref name="next"/> as the new state, then announces it. A request that interleaves with the write already sees it.
    /// </summary>
    public async Task Store(AsyncCallState next, CancellationToken cancellationToken)
    {
        var before = stored.State;
        stored.State = next.HasEnded ? next.WithDueTime() : next;
        try
        {
            await stored.WriteStateAsync(cancellationToken);
        }
        catch
        {
            stored.State = before;
            throw;
        }

        onWritten();
        await Queue.PublishChange(State.ToView());
    }

    /// <summary>Changes the state in memory only. The next write stores the change.</summary>
    public void Amend(AsyncCallState next) => stored.State = next;

    /// <summary>Stores <paramref name="next"/> without an announcement, because the activation ends.</summary>
    public Task StoreFinally(AsyncCallState next, CancellationToken cancellationToken)
    {
        stored.State = next;
        return stored.WriteStateAsync(cancellationToken);
    }

    /// <summary>Removes the state from storage. The call does not exist afterwards.</summary>
    public async Task Clear(CancellationToken cancellationToken)
    {
        await stored.ClearStateAsync(cancellationToken);
        stored.State = new();
    }
}
