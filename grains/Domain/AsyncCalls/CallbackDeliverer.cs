using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Storage;
using DeployCard.Domain.Callbacks;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// Delivers the callback of a call in the background. The invariants: the lease of a delivery is stored before the delivery starts. If no
/// result is reported, the lease expires and the callback is delivered again, so an end of the call is delivered at least once or
/// abandoned. At most one automatic and one manual delivery run per activation.
/// </summary>
/// <param name="call">The call that has ended. The delivery reports to its grain as an ordinary request.</param>
/// <param name="dispatcher">Sends the callback to its receiver.</param>
/// <param name="time">The clock for leases.</param>
/// <param name="logger">Receives failures of deliveries.</param>
/// <param name="stopping">Token that is canceled when the silo stops; it aborts the deliveries.</param>
internal sealed class CallbackDeliverer(
    StoredCall call,
    CallbackDispatcher dispatcher,
    TimeProvider time,
    ILogger logger,
    CancellationToken stopping
)
{
    private Task delivery = Task.CompletedTask;
    private Task manualDelivery = Task.CompletedTask;

    /// <summary>Maximum time from the start of a delivery until its result is stored.</summary>
    public TimeSpan LeaseDuration => dispatcher.LeaseDuration;

    private AsyncCallState State => call.State;

    /// <summary>Starts the automatic delivery, if the call has a callback. Its lease must be stored.</summary>
    public void Start()
    {
        if (State.Callback is not null)
            delivery = Deliver(isManual: false);
    }

    /// <summary>Starts the automatic delivery if it is due and not running, after its lease was stored.</summary>
    public async Task StartIfDue(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (!delivery.IsCompleted || State.Callback is not { NextDeliveryAt: { } at } callback || at > now)
            return;
        // The lease is stored first: otherwise every sweep would find the callback due while its receiver is still processing it.
        await call.Store(State with { Callback = callback with { NextDeliveryAt = now + LeaseDuration } }, cancellationToken);
        Start();
    }

    /// <summary>
    /// Makes a manual delivery and waits for its end, at most for <paramref name="timeout"/>. The delivery then continues.
    /// </summary>
    public async Task Redeliver(TimeSpan timeout, CancellationToken cancellationToken)
    {
        // A request during a manual delivery joins that delivery.
        if (manualDelivery.IsCompleted)
            manualDelivery = Deliver(isManual: true);
        try
        {
            await manualDelivery.WaitAsync(timeout, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The delivery continues; the call is returned in its current state.
        }
    }

    /// <inheritdoc cref="IAsyncCallGrain.CompleteDelivery"/>
    public async Task Complete(int endNumber, bool isManual, DeliveryAttempt attempt)
    {
        if (!call.Exists || State.Callback is not { } callback)
            return;
        var now = time.GetUtcNow();
        var updated =
            !State.HasEnded || endNumber != callback.EndNumber ? callback.WithHistoryEntry(attempt, isManual)
            : isManual ? callback.WithManualDelivery(attempt, now)
            : callback.WithAutomaticDelivery(attempt, now, State.EndedAt!.Value + dispatcher.MaxDeliveryAge, Random.Shared.NextDouble());
        await call.Store(State with { Callback = updated }, CancellationToken.None);
        if (updated.AbandonedAt != now)
            return;
        dispatcher.RecordAbandoned(State.Deployment);
        logger.LogCallbackAbandoned(call.Id, State.Deployment, updated.AutomaticAttempts, attempt.Result.Error);
    }

    /// <summary>
    /// Makes one delivery concurrently with other requests to the grain and reports its result through <see cref="Complete"/>.
    /// </summary>
    private async Task Deliver(bool isManual)
    {
        var endNumber = State.Callback!.EndNumber;
        try
        {
            using var span = CallSpans.StartCallback(State);
            var attempt = await dispatcher.Deliver(CreateMessage(endNumber), stopping);
            CallSpans.SetOutcome(span, attempt.Result);
            await call.Self.CompleteDelivery(endNumber, isManual, attempt);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The lease expires, and the next activation of this call delivers the callback.
        }
        catch (Exception e)
        {
            var level = StorageOutageTracker.LogLevelFor(e, LogLevel.Error);
            logger.LogDeliveryFailed(level, e, call.Id, State.Deployment);
        }
    }

    private CallbackMessage CreateMessage(int endNumber) =>
        new(State.Callback!.Url, $"{call.Id}-{endNumber}", State.ToView(), State.Result, State.DeploymentUid, []);
}
