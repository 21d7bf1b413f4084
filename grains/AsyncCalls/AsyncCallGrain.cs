using DeployCard.Grains.Callbacks;
using DeployCard.Grains.Results;
using DeployCard.Grains.Retention;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>
/// A call's life from its acceptance on: ended, run again, removed. Its attempts stand in <c>AsyncCallGrain.Attempts.cs</c>, how it tells its end in
/// <c>AsyncCallGrain.Callbacks.cs</c>.
/// </summary>
[CollectionAgeLimit(Minutes = 2)] // Thousands end each minute, each with bodies in its state: none is needed for long.
// To balance silos is no reason to break an attempt off.
[Immovable]
internal sealed partial class AsyncCallGrain(
    [PersistentState(CallIntake.StateName)] IPersistentState<AsyncCallState> stored,
    IPodCaller pods,
    IBodyStore bodies,
    CallbackCourier courier,
    IOptions<AsyncCallOptions> options,
    IHostApplicationLifetime lifetime,
    AsyncCallMetrics metrics,
    TimeProvider time,
    ILogger<AsyncCallGrain> logger
) : Grain, IAsyncCallGrain
{
    private IGrainTimer? due;

    private AsyncCallState State => stored.State;

    private CallId Id =>
        CallId.TryParse(this.GetPrimaryKeyString(), out var id)
            ? id
            : throw new FormatException($"'{this.GetPrimaryKeyString()}' is no call id.");

    private bool IsThere => State.Id is not null;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        CloseLostAttempt("the silo that ran it is gone");
        ScheduleDue();
        return Task.CompletedTask;
    }

    public Task<CallView?> Get() => Task.FromResult(IsThere ? CallView.Of(State) : null);

    public Task<CallResult?> GetResult() => Task.FromResult(State.Result);

    public Task<string?> GetFingerprint() => Task.FromResult(State.Fingerprint);

    public async Task<Outcome<CallView>> Cancel(string actor, CancellationToken cancellationToken)
    {
        if (Refusal(State.HasEnded, "it has ended already") is { } refusal)
            return refusal;
        await End(State, CallStatus.Error, CallErrorCode.Canceled, $"Canceled by {actor}.", null, cancellationToken);
        return CallView.Of(State);
    }

    public async Task<Outcome<CallView>> Retry(string actor, CancellationToken cancellationToken)
    {
        if (Refusal(State.Status is not CallStatus.Error, "it did not end in an error") is { } refusal)
            return refusal;
        if (await Queue().Admit(State.RequestBytes, null) is { } full)
            return new FieldError("id", ErrorCodes.LimitReached, full.ToString());
        try
        {
            await Store(
                State with
                {
                    Status = CallStatus.Queued,
                    ErrorCode = null,
                    ErrorMessage = null,
                    EndedAt = null,
                    NextAttemptAt = null,
                    SeriesStart = State.Attempts.Count,
                    DueAt = time.GetUtcNow() + State.Limits.FullLive,
                    StoredPurgeAt = null,
                    Callback = State.Callback?.Rested(),
                },
                cancellationToken
            );
        }
        catch
        {
            await Queue().GiveBack(State.RequestBytes);
            throw;
        }

        LogRunAgain(logger, Id, State.Deployment, actor);
        await Queue().Enqueue(CallView.Of(State));
        return CallView.Of(State);
    }

    public async Task Fail(CallErrorCode code, string message, CancellationToken cancellationToken)
    {
        if (IsThere && !State.HasEnded)
            await End(State, CallStatus.Error, code, message, null, cancellationToken);
    }

    public Task Wake() => Task.CompletedTask;

    public async Task ExpireIfDue(CancellationToken cancellationToken)
    {
        if (!IsThere || State.DueAt is not { } at || at > time.GetUtcNow())
            return;
        if (State.HasEnded && State.PurgeAt > time.GetUtcNow())
            await TellIfDue(cancellationToken);
        else if (State.HasEnded)
            await Remove(cancellationToken);
        else
            await End(
                State,
                CallStatus.Error,
                CallErrorCode.Expired,
                $"It did not end within {State.Limits.FullLive?.TotalSeconds} s.",
                null,
                cancellationToken
            );
    }

    public async Task Remove(CancellationToken cancellationToken)
    {
        turn?.Abort();
        if (IsThere)
        {
            var gone = State;
            // What a silo left behind that ended in between is swept up by its age.
            if (gone.Request.Body is { Inline: null } || gone.Result?.Body is { Inline: null })
                await bodies.Delete(Id, cancellationToken);
            await stored.ClearStateAsync(cancellationToken);
            stored.State = new();
            if (!gone.HasEnded)
                await GrainFactory.GetGrain<IQueueGrain>(gone.Deployment).GiveBack(gone.RequestBytes);
        }

        DeactivateOnIdle();
    }

    private FieldError? Refusal(bool isRefused, string why) =>
        !IsThere ? new("id", ErrorCodes.NotFound, $"There is no call {Id}.")
        : isRefused ? new("id", ErrorCodes.AlreadyEnded, $"Call {Id} is {State.Status.ToString().ToUpperInvariant()}: {why}.")
        : null;

    /// <summary>Sets the one final state. What an attempt that still runs brings is dropped.</summary>
    private async Task End(
        AsyncCallState state,
        CallStatus status,
        CallErrorCode? code,
        string? message,
        CallResult? result,
        CancellationToken cancellationToken
    )
    {
        var now = time.GetUtcNow();
        var ended = state.OpenAttempt is { } open ? state.WithLast(open with { EndedAt = now, ErrorCode = code, Detail = message }) : state;
        await Store(
            ended with
            {
                Status = status,
                ErrorCode = code,
                ErrorMessage = message,
                Result = result,
                EndedAt = now,
                NextAttemptAt = null,
                StoredPurgeAt = now + State.Limits.Retention,
                Callback = ended.Callback?.Begun(now + courier.Lease),
            },
            cancellationToken
        );
        turn?.Abort();
        ReleaseWatchers();
        LogEnded(logger, Id, State.Deployment, status, code);
        metrics.Ended(CallView.Of(State));
        await Queue().GiveBack(State.RequestBytes);
        TellEnd();
    }

    private void ScheduleDue()
    {
        due?.Dispose();
        due = State.DueAt is { } at ? this.RegisterEndTimer(ExpireIfDue, at, time.GetUtcNow()) : null;
    }

    /// <summary>Puts another state in the place of the present one, in storage first: where that fails, the present one stays.</summary>
    private async Task Store(AsyncCallState next, CancellationToken cancellationToken)
    {
        var before = stored.State;
        stored.State = next.HasEnded ? next.WithDue() : next;
        try
        {
            await stored.WriteStateAsync(cancellationToken);
        }
        catch
        {
            stored.State = before;
            throw;
        }

        ScheduleDue();
        await Queue().Changed(CallView.Of(State));
    }

    private IQueueGrain Queue() => GrainFactory.GetGrain<IQueueGrain>(State.Deployment);

    // Not Information: there may be thousands each second, and the card lists them all.
    [LoggerMessage(Level = LogLevel.Debug, Message = "Call {Call} of deployment {Deployment} has ended: {Status} {ErrorCode}")]
    private static partial void LogEnded(ILogger logger, CallId call, string deployment, CallStatus status, CallErrorCode? errorCode);

    [LoggerMessage(Level = LogLevel.Information, Message = "Call {Call} of deployment {Deployment} is run again by {Actor}")]
    private static partial void LogRunAgain(ILogger logger, CallId call, string deployment, string actor);
}
