using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Results;
using DeployCard.Contracts.Storage;

namespace DeployCard.Domain.AsyncCalls;

internal sealed partial class AsyncCallGrain
{
    private Task delivery = Task.CompletedTask;
    private Task manualDelivery = Task.CompletedTask;

    public async Task<Outcome<CallView>> RedeliverCallback(string actor, CancellationToken cancellationToken)
    {
        if (CheckRedelivery() is { } rejection)
            return rejection;
        LogRedeliveryRequested(logger, Id, State.Deployment, actor);
        // A request during a manual delivery joins that delivery.
        if (manualDelivery.IsCompleted)
            manualDelivery = DeliverCallback(isManual: true);
        try
        {
            await manualDelivery.WaitAsync(MaxWait, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The delivery continues; the call is returned in its current state.
        }

        return Exists ? State.ToView() : NotFound();
    }

    public async Task CompleteDelivery(int endNumber, bool isManual, DeliveryAttempt attempt)
    {
        if (!Exists || State.Callback is not { } callback)
            return;
        var now = time.GetUtcNow();
        var updated =
            !State.HasEnded || endNumber != callback.EndNumber ? callback.WithHistoryEntry(attempt, isManual)
            : isManual ? callback.WithManualDelivery(attempt, now)
            : callback.WithAutomaticDelivery(attempt, now, State.EndedAt!.Value + dispatcher.MaxDeliveryAge, Random.Shared.NextDouble());
        await Store(State with { Callback = updated }, CancellationToken.None);
        if (updated.AbandonedAt != now)
            return;
        dispatcher.RecordAbandoned(State.Deployment);
        LogCallbackAbandoned(logger, Id, State.Deployment, updated.AutomaticAttempts, attempt.Result.Error);
    }

    /// <summary>Starts the delivery of the callback in the background, after the end of the call was stored.</summary>
    private void StartCallbackDelivery()
    {
        if (State.Callback is not null)
            delivery = DeliverCallback(isManual: false);
    }

    private async Task DeliverCallbackIfDue(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (!delivery.IsCompleted || State.Callback is not { NextDeliveryAt: { } at } callback || at > now)
            return;
        // The lease is stored first: otherwise every sweep would find the callback due while its receiver is still processing it.
        await Store(State with { Callback = callback with { NextDeliveryAt = now + dispatcher.LeaseDuration } }, cancellationToken);
        StartCallbackDelivery();
    }

    private FieldError? CheckRedelivery() =>
        !Exists ? NotFound()
        : State.Callback is null ? new("id", ErrorCodes.NoCallback, $"Call '{Id}' has no callback: its request had no X-Callback-Url.")
        : !State.HasEnded ? new("id", ErrorCodes.NotEnded, $"Call '{Id}' has not ended: its callback can be delivered again after its end.")
        : null;

    private FieldError NotFound() =>
        new("id", ErrorCodes.NotFound, $"There is no call '{Id}'; it may have been purged after its retention.");

    /// <summary>
    /// Makes one delivery concurrently with other requests to the grain and reports its result through <see cref="CompleteDelivery"/>. If
    /// no result is reported, the lease expires and the callback is delivered again.
    /// </summary>
    private async Task DeliverCallback(bool isManual)
    {
        var endNumber = State.Callback!.EndNumber;
        try
        {
            using var span = CallSpans.StartCallback(State);
            var attempt = await dispatcher.Deliver(CreateMessage(endNumber), lifetime.ApplicationStopping);
            CallSpans.SetOutcome(span, attempt.Result);
            await GrainFactory.GetGrain<IAsyncCallGrain>(Id.Value).CompleteDelivery(endNumber, isManual, attempt);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The lease expires, and the next activation of this call delivers the callback.
        }
        catch (Exception e)
        {
            var level = StorageOutageTracker.LogLevelFor(e, LogLevel.Error);
            LogDeliveryFailed(logger, level, e, Id, State.Deployment);
        }
    }

    private CallbackMessage CreateMessage(int endNumber) =>
        new(State.Callback!.Url, $"{Id}-{endNumber}", State.ToView(), State.Result, State.DeploymentUid, []);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "The callback of call {CallId} of deployment {Deployment} is redelivered at the request of {Actor}"
    )]
    private static partial void LogRedeliveryRequested(ILogger logger, CallId callId, string deployment, string actor);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The callback of call {CallId} of deployment {Deployment} was abandoned after {Deliveries} failed deliveries: {Error}"
    )]
    private static partial void LogCallbackAbandoned(ILogger logger, CallId callId, string deployment, int deliveries, string? error);

    [LoggerMessage(Message = "Delivering the callback of call {CallId} of deployment {Deployment} failed; it will be retried")]
    private static partial void LogDeliveryFailed(ILogger logger, LogLevel level, Exception exception, CallId callId, string deployment);
}
