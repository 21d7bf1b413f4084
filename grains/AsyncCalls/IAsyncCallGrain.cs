using DeployCard.Grains.Callbacks;
using DeployCard.Grains.Results;
using Orleans.Concurrency;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>One asynchronous call, by its id. It is there once <see cref="ICallIntake"/> has accepted it.</summary>
[Alias("async-call")]
public interface IAsyncCallGrain : IGrainWithStringKey
{
    /// <summary>The call; null where there is none.</summary>
    Task<CallView?> Get();

    /// <summary>The model's answer; null where there is none.</summary>
    Task<CallResult?> GetResult();

    /// <summary>The hash of the request that was accepted under an <c>Idempotency-Key</c>; null where there is none.</summary>
    Task<string?> GetFingerprint();

    /// <summary>
    /// Returns true once the call has ended or is gone, and false after <paramref name="patience"/> or when its activation goes though it has
    /// not: who waits asks again. What came of it is asked of <see cref="Get"/>.
    /// </summary>
    /// <param name="patience">0 to 10 s: well below the time after which Orleans gives a call up.</param>
    /// <param name="cancellationToken">Nobody waits any more.</param>
    [AlwaysInterleave]
    Task<bool> AwaitEnd(TimeSpan patience, CancellationToken cancellationToken);

    /// <summary>Ends a call that has not ended; an attempt that runs is aborted.</summary>
    Task<Outcome<CallView>> Cancel(string actor, CancellationToken cancellationToken);

    /// <summary>Gives a call that ended in an error a new series of attempts.</summary>
    Task<Outcome<CallView>> Retry(string actor, CancellationToken cancellationToken);

    /// <summary>Ends a call that has not ended with an error.</summary>
    Task Fail(CallErrorCode code, string message, CancellationToken cancellationToken);

    /// <summary>Begins its turn, for the queue: it waits for a pod and makes the next attempt. One that goes on already goes on.</summary>
    Task<TurnProgress> BeginTurn();

    /// <summary>
    /// Returns when its turn is over, or after a while though it is not: who waits asks again. One answer that comes late would be
    /// missed for ever if it were lost on its way between silos.
    /// </summary>
    [AlwaysInterleave]
    Task<TurnProgress> AwaitTurn();

    /// <summary>Notes that a pod has a place for it. The call calls this itself. Returns the attempt's number; null when it must not be made any more.</summary>
    Task<int?> StartAttempt(Guid turn, string pod);

    /// <summary>Takes what came of a turn that got no pod. The call calls this itself; a turn that is over changes nothing.</summary>
    Task MissAttempt(Guid turn, PodAnswer refusal);

    /// <summary>Takes what came of an attempt. The call calls this itself; a late answer of an older attempt changes nothing.</summary>
    Task CompleteAttempt(int number, PodAnswer answer);

    /// <summary>Has it look after its times by itself for a while.</summary>
    [OneWay]
    Task Wake();

    /// <summary>
    /// Has the end of the call told once more, at once. Returns when that was tried, or after 10 s with the call so far. Its status and result stay
    /// as they are whatever comes of it.
    /// </summary>
    [AlwaysInterleave]
    Task<Outcome<CallView>> RedeliverCallback(string actor, CancellationToken cancellationToken);

    /// <summary>Takes what came of a delivery of its callback. The call calls this itself; what belongs to an earlier end is only remembered.</summary>
    Task CompleteDelivery(int ending, bool isManual, CallbackTry made);

    /// <summary>Does what is due: the end of its whole life, a delivery of its callback, its removal.</summary>
    Task ExpireIfDue(CancellationToken cancellationToken);

    /// <summary>Goes for good at once, as its deployment does.</summary>
    Task Remove(CancellationToken cancellationToken);
}

/// <summary>How a call's turn stands.</summary>
/// <param name="IsRunning">Whether it goes on.</param>
/// <param name="NotBefore">When it does not: when the next one may begin; null when the call has ended.</param>
[GenerateSerializer, Alias("turn-progress"), Immutable]
public sealed record TurnProgress([property: Id(0)] bool IsRunning, [property: Id(1)] DateTimeOffset? NotBefore)
{
    /// <summary>It goes on.</summary>
    public static TurnProgress Running { get; } = new(true, null);

    /// <summary>The call has ended.</summary>
    public static TurnProgress Over { get; } = new(false, null);
}
