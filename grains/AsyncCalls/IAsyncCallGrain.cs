using DeployCard.Grains.Callbacks;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Results;
using Orleans.Concurrency;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>One asynchronous call, by its id.</summary>
[Alias("async-call")]
public interface IAsyncCallGrain : IGrainWithStringKey
{
    /// <summary>Accepts the call. It is durably stored when this returns.</summary>
    Task<CallView> Accept(CallDraft draft, CancellationToken cancellationToken);

    /// <summary>The call; null where there is none.</summary>
    Task<CallView?> Get();

    /// <summary>The model's answer; null where there is none.</summary>
    Task<CallResult?> GetResult();

    /// <summary>Ends a call that has not ended; an attempt that runs is aborted.</summary>
    Task<Outcome<CallView>> Cancel(string actor, CancellationToken cancellationToken);

    /// <summary>Gives a call that ended in an error a new series of attempts.</summary>
    Task<Outcome<CallView>> RunAgain(string actor, CancellationToken cancellationToken);

    /// <summary>Ends a call that has not ended with an error.</summary>
    Task Fail(CallErrorCode code, string message, CancellationToken cancellationToken);

    /// <summary>Starts the next attempt, for the queue.</summary>
    Task<AttemptStart> BeginAttempt();

    /// <summary>
    /// Returns when no attempt runs any more, or after a while though one does: who waits asks again. One answer that comes late would be
    /// missed for ever if it were lost on its way between silos.
    /// </summary>
    [AlwaysInterleave]
    Task<AttemptProgress> AwaitAttempt();

    /// <summary>Takes what came of an attempt. The call calls this itself; a late answer of an older attempt changes nothing.</summary>
    Task CompleteAttempt(int number, PodAnswer answer);

    /// <summary>
    /// Has the end of the call told once more, at once. Returns when that was tried, or after 10 s with the call so far. Its status and result stay
    /// as they are whatever comes of it.
    /// </summary>
    [AlwaysInterleave]
    Task<Outcome<CallView>> SendCallbackAgain(string actor, CancellationToken cancellationToken);

    /// <summary>Takes what came of a delivery of its callback. The call calls this itself; what belongs to an earlier end is only remembered.</summary>
    Task CompleteDelivery(int ending, bool isManual, CallbackTry made);

    /// <summary>Does what is due: the end of its whole life, a delivery of its callback, its removal.</summary>
    Task ExpireIfDue(CancellationToken cancellationToken);

    /// <summary>Goes for good at once, as its deployment does.</summary>
    Task Remove(CancellationToken cancellationToken);
}

/// <summary>A call to be accepted.</summary>
/// <param name="Deployment">The deployment that it is for.</param>
/// <param name="DeploymentUid">Which of the deployments of that name.</param>
/// <param name="Request">The request; a body beyond <see cref="CallBody.MostInline"/> is in the <see cref="IBodyStore"/> already.</param>
/// <param name="Limits">Its time limits.</param>
/// <param name="Callback">Where its end is told; null for nowhere.</param>
[GenerateSerializer, Alias("call-draft"), Immutable]
public sealed record CallDraft(
    [property: Id(0)] DeploymentName Deployment, [property: Id(1)] Guid DeploymentUid, [property: Id(2)] CallRequest Request, [property: Id(3)] CallLimits Limits,
    [property: Id(4)] Uri? Callback = null);

/// <summary>How an attempt stands.</summary>
/// <param name="IsRunning">Whether it still runs.</param>
/// <param name="NotBefore">When it does not: when the next one may begin; null when the call has ended.</param>
[GenerateSerializer, Alias("attempt-progress"), Immutable]
public sealed record AttemptProgress([property: Id(0)] bool IsRunning, [property: Id(1)] DateTimeOffset? NotBefore);

/// <summary>What came of starting an attempt.</summary>
/// <param name="Number">The attempt that runs; null when none was started.</param>
/// <param name="NotBefore">When none was started because of a pause: its end. Null with no number: the call has ended.</param>
[GenerateSerializer, Alias("attempt-start"), Immutable]
public sealed record AttemptStart([property: Id(0)] int? Number, [property: Id(1)] DateTimeOffset? NotBefore);
