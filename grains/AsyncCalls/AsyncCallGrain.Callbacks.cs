using DeployCard.Grains.Callbacks;
using DeployCard.Grains.Results;

namespace DeployCard.Grains.AsyncCalls;

internal sealed partial class AsyncCallGrain
{
    private Task delivery = Task.CompletedTask;
    private Task manualDelivery = Task.CompletedTask;

    /// <summary>When an ended call goes. Those that ended before this was stored apart have no callback, so that nothing else is due.</summary>
    private DateTimeOffset? RemovedAt => State.RemovedAt ?? State.DueAt;

    public async Task<Outcome<CallView>> SendCallbackAgain(string actor, CancellationToken cancellationToken)
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

        return State.Id is null ? Gone() : View();
    }

    public async Task CompleteDelivery(int ending, bool isManual, CallbackTry made)
    {
        if (State is not { Id: not null, Callback: { } callback })
            return;
        var now = time.GetUtcNow();
        if (!HasEnded || ending != callback.Ending)
            callback.Add(made, isManual);
        else if (isManual)
            callback.TakeManual(made, now);
        else
            callback.Take(made, now, State.EndedAt!.Value + courier.Patience, Random.Shared.NextDouble());
        if (HasEnded)
            SetDue();
        await Save(CancellationToken.None);
        if (callback.GaveUpAt == now)
            LogGivenUp(logger, Id, State.Deployment, callback.Tried, made.Answer.Error);
    }

    /// <summary>The call ends now: when it goes, and that its end is to be told.</summary>
    private void NoteEnd(DateTimeOffset now)
    {
        State.RemovedAt = now + State.Limits.Retention;
        State.Callback?.Begin(now + courier.Lease);
        SetDue();
    }

    /// <summary>The call is run again.</summary>
    private void ForgetEnd()
    {
        State.RemovedAt = null;
        State.Callback?.Rest();
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
        if (!delivery.IsCompleted || State.Callback is not { NextAt: { } at } callback || at > now)
            return;
        // Stored first: else the sweep would find it due again and again while its receiver takes its time.
        callback.NextAt = now + courier.Lease;
        SetDue();
        await Save(cancellationToken);
        TellEnd();
    }

    private void SetDue() => State.DueAt = State.Callback?.NextAt is { } next && next < RemovedAt ? next : State.RemovedAt;

    private FieldError? RefusalToSend() =>
        State.Id is null ? Gone()
        : State.Callback is null ? new("id", ErrorCodes.NoCallback, $"Call {Id} has no callback: it was accepted without X-Callback-Url.")
        : !HasEnded ? new("id", ErrorCodes.NotEnded, $"Call {Id} has not ended: there is nothing to tell yet.")
        : null;

    private FieldError Gone() => new("id", ErrorCodes.NotFound, $"There is no call {Id}.");

    /// <summary>Runs beside the grain's turns; what comes of it comes back as an ordinary call. Where nothing does, the lease ends and it is sent again.</summary>
    private async Task Deliver(bool isManual)
    {
        var ending = State.Callback!.Ending;
        try
        {
            var made = await courier.Deliver(Message(ending), lifetime.ApplicationStopping);
            await GrainFactory.GetGrain<IAsyncCallGrain>(Id.Value).CompleteDelivery(ending, isManual, made);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Another silo sends it, or this one after its next start.
        }
        catch (Exception e)
        {
            LogDeliveryBroke(logger, e, Id, State.Deployment);
        }
    }

    private CallbackMessage Message(int ending) =>
        new(State.Callback!.Url, $"{Id}-{ending}", View(), State.Result, State.DeploymentUid, []);

    [LoggerMessage(Level = LogLevel.Information, Message = "The callback of call {Call} of deployment {Deployment} is sent again by {Actor}")]
    private static partial void LogSentAgain(ILogger logger, CallId call, string deployment, string actor);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The callback of call {Call} of deployment {Deployment} was given up after {Deliveries} deliveries: {Error}")]
    private static partial void LogGivenUp(ILogger logger, CallId call, string deployment, int deliveries, string? error);

    [LoggerMessage(Level = LogLevel.Error, Message = "A delivery of the callback of call {Call} of deployment {Deployment} broke; it is repeated")]
    private static partial void LogDeliveryBroke(ILogger logger, Exception exception, CallId call, string deployment);
}
