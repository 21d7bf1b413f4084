using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Results;
using DeployCard.Domain.Callbacks;
using DeployCard.Domain.Retention;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// The life cycle of an accepted call: cancellation, retry, end and removal. Attempts are in <c>AsyncCallGrain.Attempts.cs</c>, deliveries
/// of the callback in <c>AsyncCallGrain.Callbacks.cs</c>.
/// </summary>
[CollectionAgeLimit(Minutes = 2)] // Thousands of calls end each minute, each with bodies in its state.
// Moving an activation to balance the silos would interrupt its attempt.
[Immovable]
internal sealed partial class AsyncCallGrain(
    [PersistentState(CallAcceptor.StateName)] IPersistentState<AsyncCallState> stored,
    IPodCaller pods,
    IBodyStore bodies,
    CallbackDispatcher dispatcher,
    IOptions<AsyncCallOptions> options,
    IHostApplicationLifetime lifetime,
    AsyncCallMetrics metrics,
    TimeProvider time,
    ILogger<AsyncCallGrain> logger
) : Grain, IAsyncCallGrain
{
    private IGrainTimer? dueTimer;

    private AsyncCallState State => stored.State;

    private CallId Id =>
        CallId.TryParse(this.GetPrimaryKeyString(), out var id)
            ? id
            : throw new FormatException($"Grain key '{this.GetPrimaryKeyString()}' is not a call id: 32 hexadecimal digits are expected.");

    private bool Exists => State.Id is not null;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        FailOrphanedAttempt("the silo that executed it was lost");
        ScheduleDue();
        return Task.CompletedTask;
    }

    public Task<CallView?> Get() => Task.FromResult(Exists ? State.ToView() : null);

    public Task<CallResult?> GetResult() => Task.FromResult(State.Result);

    public Task<string?> GetFingerprint() => Task.FromResult(State.Fingerprint);

    public async Task<Outcome<CallView>> Cancel(string actor, CancellationToken cancellationToken)
    {
        if (CheckStatus(State.HasEnded, "only a call that has not ended can be canceled") is { } rejection)
            return rejection;
        await End(State, CallStatus.Error, CallErrorCode.Canceled, $"Canceled by {actor}.", null, cancellationToken);
        return State.ToView();
    }

    public async Task<Outcome<CallView>> Retry(string actor, CancellationToken cancellationToken)
    {
        if (CheckStatus(State.Status is not CallStatus.Error, "only a call that ended in an error can be retried") is { } rejection)
            return rejection;
        if (await GetQueue().Admit(State.RequestBytes, null) is { } full)
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
                    Callback = State.Callback?.WithDeliveryReset(),
                },
                cancellationToken
            );
        }
        catch
        {
            await GetQueue().Release(State.RequestBytes);
            throw;
        }

        LogRetried(logger, Id, State.Deployment, actor);
        await GetQueue().Enqueue(State.ToView());
        return State.ToView();
    }

    public async Task Fail(CallErrorCode code, string message, CancellationToken cancellationToken)
    {
        if (Exists && !State.HasEnded)
            await End(State, CallStatus.Error, code, message, null, cancellationToken);
    }

    public Task EnsureActive() => Task.CompletedTask;

    public async Task ExpireIfDue(CancellationToken cancellationToken)
    {
        if (!Exists || State.DueAt is not { } at || at > time.GetUtcNow())
            return;
        if (State.HasEnded && State.PurgeAt > time.GetUtcNow())
            await DeliverCallbackIfDue(cancellationToken);
        else if (State.HasEnded)
            await Remove(cancellationToken);
        else
            await End(
                State,
                CallStatus.Error,
                CallErrorCode.Expired,
                $"The call did not end within its X-Full-Live-Timeout of {State.Limits.FullLive?.TotalSeconds} s.",
                null,
                cancellationToken
            );
    }

    public async Task Remove(CancellationToken cancellationToken)
    {
        execution?.Abort();
        if (Exists)
        {
            var removed = State;
            // If the silo stops before the state is cleared, the next sweep removes the call; bodies without a call are purged by their
            // age.
            if (removed.Request.Body is { Inline: null } || removed.Result?.Body is { Inline: null })
                await bodies.Delete(Id, cancellationToken);
            await stored.ClearStateAsync(cancellationToken);
            stored.State = new();
            if (!removed.HasEnded)
                await GrainFactory.GetGrain<IQueueGrain>(removed.Deployment).Release(removed.RequestBytes);
        }

        DeactivateOnIdle();
    }

    private FieldError? CheckStatus(bool isWrongState, string allowed) =>
        !Exists ? new("id", ErrorCodes.NotFound, $"There is no call '{Id}'; it may have been purged after its retention.")
        : isWrongState
            ? new(
                "id",
                State.HasEnded ? ErrorCodes.AlreadyEnded : ErrorCodes.NotEnded,
                $"Call '{Id}' is {State.Status.ToString().ToUpperInvariant()}: {allowed}."
            )
        : null;

    /// <summary>Sets the final state and aborts a running attempt, whose outcome is discarded.</summary>
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
        var ended = state.OpenAttempt is { } open
            ? state.WithLastAttempt(open with { EndedAt = now, ErrorCode = code, Detail = message })
            : state;
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
                Callback = ended.Callback?.WithDeliveryStarted(now + dispatcher.LeaseDuration),
            },
            cancellationToken
        );
        execution?.Abort();
        ReleaseWaiters();
        LogEnded(logger, Id, State.Deployment, status, code);
        metrics.RecordEnded(State.ToView());
        await GetQueue().Release(State.RequestBytes);
        StartCallbackDelivery();
    }

    private void ScheduleDue()
    {
        dueTimer?.Dispose();
        dueTimer = State.DueAt is { } at ? this.RegisterExpiryTimer(ExpireIfDue, at, time.GetUtcNow()) : null;
    }

    /// <summary>Stores <paramref name="next"/> as the new state. If storing fails, the previous state stays current.</summary>
    private async Task Store(AsyncCallState next, CancellationToken cancellationToken)
    {
        var before = stored.State;
        stored.State = next.HasEnded ? next.WithDueTime() : next;
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
        await GetQueue().PublishChange(State.ToView());
    }

    private IQueueGrain GetQueue() => GrainFactory.GetGrain<IQueueGrain>(State.Deployment);

    // Debug, because thousands of calls may end each second, and the card lists them all.
    [LoggerMessage(Level = LogLevel.Debug, Message = "Call {CallId} of deployment {Deployment} ended as {Status} {ErrorCode}")]
    private static partial void LogEnded(ILogger logger, CallId callId, string deployment, CallStatus status, CallErrorCode? errorCode);

    [LoggerMessage(Level = LogLevel.Information, Message = "Call {CallId} of deployment {Deployment} was enqueued for a retry by {Actor}")]
    private static partial void LogRetried(ILogger logger, CallId callId, string deployment, string actor);
}
