using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Results;
using Orleans.Concurrency;

namespace DeployCard.Contracts.AsyncCalls;

/// <summary>An asynchronous call, keyed by its id. The call exists after <see cref="ICallAcceptor"/> accepted it.</summary>
[Alias("async-call")]
public interface IAsyncCallGrain : IGrainWithStringKey
{
    /// <summary>Returns the call; null if it does not exist.</summary>
    Task<CallView?> Get();

    /// <summary>Returns the response of the model; null if the call has not completed or does not exist.</summary>
    Task<CallResult?> GetResult();

    /// <summary>
    /// Returns the hash of the request, if the request had an <c>Idempotency-Key</c>; null if it had none or if the call does not exist.
    /// </summary>
    Task<string?> GetFingerprint();

    /// <summary>
    /// Waits for the end of the call. Returns true after the call has ended or was removed. Returns false after <paramref name="timeout"/>,
    /// or if the activation ends first; the caller then repeats the call. The outcome is available from <see cref="Get"/>.
    /// </summary>
    /// <param name="timeout">Maximum time to wait: 0 to 10 s, well below the response timeout of Orleans.</param>
    /// <param name="cancellationToken">Cancels the wait, for example because the client disconnected.</param>
    [AlwaysInterleave]
    Task<bool> WaitForEnd(TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Cancels a call that has not ended, and aborts its running attempt.</summary>
    Task<Outcome<CallView>> Cancel(string actor, CancellationToken cancellationToken);

    /// <summary>Enqueues a call that ended in an error again, with a new series of attempts.</summary>
    Task<Outcome<CallView>> Retry(string actor, CancellationToken cancellationToken);

    /// <summary>Ends an open call with an error; does nothing if the call has ended.</summary>
    Task Fail(CallErrorCode code, string message, CancellationToken cancellationToken);

    /// <summary>
    /// Starts an execution at the request of the queue: the call waits for a pod and makes the next attempt. A running execution continues.
    /// </summary>
    Task<ExecutionStatus> StartExecution();

    /// <summary>
    /// Waits for the end of the execution, at most 10 s; the caller then repeats the call. A single long wait would never end if its
    /// response were lost between silos.
    /// </summary>
    [AlwaysInterleave]
    Task<ExecutionStatus> WaitForExecution();

    /// <summary>
    /// Records the start of an attempt. Called by the call's own execution after it got a slot at a pod. Returns the number of the attempt;
    /// null if the attempt must not be made.
    /// </summary>
    Task<int?> StartAttempt(Guid executionId, string pod);

    /// <summary>
    /// Records the outcome of an execution that got no pod. Called by the call's own execution; ignored if that execution is no longer
    /// current.
    /// </summary>
    Task CompleteWithoutPod(Guid executionId, AttemptOutcome outcome);

    /// <summary>Records the outcome of an attempt. Called by the call's own execution; ignored if the attempt is no longer open.</summary>
    Task CompleteAttempt(int number, AttemptOutcome outcome);

    /// <summary>Activates the grain, so that its own timer enforces its next due time.</summary>
    [OneWay]
    Task EnsureActive();

    /// <summary>
    /// Delivers the callback of an ended call again, immediately. Returns the call after the delivery, or after 10 s in its current state.
    /// The delivery never changes the status or the result of the call.
    /// </summary>
    [AlwaysInterleave]
    Task<Outcome<CallView>> RedeliverCallback(string actor, CancellationToken cancellationToken);

    /// <summary>
    /// Records a delivery of the callback. Called by the call's own delivery task. A delivery for an earlier end of the call is only added
    /// to the history.
    /// </summary>
    Task CompleteDelivery(int endNumber, bool isManual, DeliveryAttempt attempt);

    /// <summary>Performs the action that is due, if any: the expiry of the call, a delivery of its callback, or its removal.</summary>
    Task ExpireIfDue(CancellationToken cancellationToken);

    /// <summary>Removes the call and its bodies immediately, because its retention ended or its deployment is purged.</summary>
    Task Remove(CancellationToken cancellationToken);
}

/// <summary>Progress of the execution of a call.</summary>
/// <param name="IsRunning">Whether the execution is running.</param>
/// <param name="NotBefore">Earliest start of the next execution, UTC; null if an execution is running or the call has ended.</param>
[GenerateSerializer, Alias("turn-progress"), Immutable]
public sealed record ExecutionStatus([property: Id(0)] bool IsRunning, [property: Id(1)] DateTimeOffset? NotBefore)
{
    /// <summary>Progress of a running execution.</summary>
    public static ExecutionStatus Running { get; } = new(true, null);

    /// <summary>Progress of a call that has ended or does not exist.</summary>
    public static ExecutionStatus CallEnded { get; } = new(false, null);
}
