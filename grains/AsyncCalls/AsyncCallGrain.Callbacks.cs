using DeployCard.Grains.Callbacks;
using DeployCard.Grains.Results;
using DeployCard.Grains.Storage;

namespace DeployCard.Grains.AsyncCalls;

internal sealed partial class AsyncCallGrain
{
    private Task delivery = Task.CompletedTask;
    private Task manualDelivery = Task.CompletedTask;

    public async Task<Outcome<CallView>> RedeliverCallback(string actor, CancellationToken cancellationToken)
    {
        if (RefusalToSend() is { } refusal)
            return refusal;
        LogSentAgain(logger, Id, State.Deployment, actor);
        // Who asks while one goes on gets what comes of that.
        if (manualDelivery.IsCompleted)
            manualDelivery = Deliver(isManual: true);
        try
        {
            await manualDelivery.WaitAsync(AwaitPatience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // It goes on; the call so far is told.
        }

        return IsThere ? CallView.Of(State) : Gone();
    }

    public async Task CompleteDelivery(int ending, bool isManual, CallbackTry made)
    {
        if (!IsThere || State.Callback is not { } before)
            return;
        var now = time.GetUtcNow();
        var told =
            !State.HasEnded || ending != before.Ending ? before.WithDelivery(made, isManual)
            : isManual ? before.WithManual(made, now)
            : before.With(made, now, State.EndedAt!.Value + courier.Patience, Random.Shared.NextDouble());
        await Store(State with { Callback = told }, CancellationToken.None);
        if (told.AbandonedAt != now)
            return;
        courier.GaveUp(State.Deployment);
        LogGivenUp(logger, Id, State.Deployment, told.Tried, made.Answer.Error);
    }

    /// <summary>After the end was stored: nobody waits for its telling.</summary>
    private void TellEnd()
    {
        if (State.Callback is not null)
            delivery = Deliver(isManual: false);
    }

    private async Task TellIfDue(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (!delivery.IsCompleted || State.Callback is not { NextDeliveryAt: { } at } callback || at > now)
            return;
        // Stored first: else the sweep would find it due again and again while its receiver takes its time.
        await Store(State with { Callback = callback with { NextDeliveryAt = now + courier.Lease } }, cancellationToken);
        TellEnd();
    }

    private FieldError? RefusalToSend() =>
        !IsThere ? Gone()
        : State.Callback is null ? new("id", ErrorCodes.NoCallback, $"Call {Id} has no callback: it was accepted without X-Callback-Url.")
        : !State.HasEnded ? new("id", ErrorCodes.NotEnded, $"Call {Id} has not ended: there is nothing to tell yet.")
        : null;

    private FieldError Gone() => new("id", ErrorCodes.NotFound, $"There is no call {Id}.");

    /// <summary>Runs beside the grain's turns; what comes of it comes back as an ordinary call. Where nothing does, the lease ends and it is sent again.</summary>
    private async Task Deliver(bool isManual)
    {
        var ending = State.Callback!.Ending;
        try
        {
            using var span = CallSpans.Callback(State);
            var made = await courier.Deliver(Message(ending), lifetime.ApplicationStopping);
            CallSpans.End(span, made.Answer);
            await GrainFactory.GetGrain<IAsyncCallGrain>(Id.Value).CompleteDelivery(ending, isManual, made);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Another silo sends it, or this one after its next start.
        }
        catch (Exception e)
        {
            var level = StorageHealth.Level(e, LogLevel.Error);
            LogDeliveryBroke(logger, level, e, Id, State.Deployment);
        }
    }

    private CallbackMessage Message(int ending) =>
        new(State.Callback!.Url, $"{Id}-{ending}", CallView.Of(State), State.Result, State.DeploymentUid, []);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "The callback of call {Call} of deployment {Deployment} is sent again by {Actor}"
    )]
    private static partial void LogSentAgain(ILogger logger, CallId call, string deployment, string actor);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The callback of call {Call} of deployment {Deployment} was given up after {Deliveries} deliveries: {Error}"
    )]
    private static partial void LogGivenUp(ILogger logger, CallId call, string deployment, int deliveries, string? error);

    [LoggerMessage(Message = "A delivery of the callback of call {Call} of deployment {Deployment} broke; it is repeated")]
    private static partial void LogDeliveryBroke(ILogger logger, LogLevel level, Exception exception, CallId call, string deployment);
}
