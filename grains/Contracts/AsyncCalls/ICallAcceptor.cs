namespace DeployCard.Contracts.AsyncCalls;

/// <summary>Accepts asynchronous calls and stores them durably.</summary>
public interface ICallAcceptor
{
    /// <summary>
    /// Accepts a call under an unused id. When this method returns, the call is stored durably, in one write. If the method throws, the
    /// call is not stored, unless the connection to the database failed during the write.
    /// </summary>
    /// <param name="id">The id of the new call.</param>
    /// <param name="draft">The call to accept.</param>
    /// <param name="queue">The queue of the deployment; null to look it up by name.</param>
    /// <exception cref="Exception">
    /// Storing the call failed: the storage is unavailable, or another call has the same <see cref="CallDraft.IdempotencyKey"/>.
    /// </exception>
    Task<CallView> Accept(CallId id, CallDraft draft, IQueueGrain? queue = null);
}
