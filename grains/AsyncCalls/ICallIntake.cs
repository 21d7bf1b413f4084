namespace DeployCard.Grains.AsyncCalls;

/// <summary>Accepts calls.</summary>
public interface ICallIntake
{
    /// <summary>
    /// Accepts a call under an id that no other one has. It is durably stored when this returns, by one write; when this throws, nothing is.
    /// </summary>
    /// <param name="id">The id.</param>
    /// <param name="draft">The call.</param>
    /// <param name="queue">The queue of its deployment, where the caller has it at hand.</param>
    /// <exception cref="Exception">The storage did not take it: it is away, or another call has its <see cref="CallDraft.IdempotencyKey"/>.</exception>
    Task<CallView> Accept(CallId id, CallDraft draft, IQueueGrain? queue = null);
}
