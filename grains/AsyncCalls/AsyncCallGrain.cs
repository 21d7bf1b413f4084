using DeployCard.Grains.Callbacks;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Results;
using DeployCard.Grains.Retention;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>A call's life: accepted, ended, removed. Its attempts stand in <c>AsyncCallGrain.Attempts.cs</c>, how it tells its end in <c>AsyncCallGrain.Callbacks.cs</c>.</summary>
[CollectionAgeLimit(Minutes = 2)] // Thousands end each minute, each with bodies in its state: none is needed for long.
internal sealed partial class AsyncCallGrain(
    [PersistentState("asyncCall")] IPersistentState<AsyncCallState> stored,
    IPodCaller pods,
    IBodyStore bodies,
    CallbackCourier courier,
    IOptions<AsyncCallOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<AsyncCallGrain> logger) : Grain, IAsyncCallGrain
{
    private IGrainTimer? due;

    private AsyncCallState State => stored.State;

    private CallId Id => CallId.TryParse(this.GetPrimaryKeyString(), out var id) ? id : throw new FormatException($"'{this.GetPrimaryKeyString()}' is no call id.");

    private bool HasEnded => State.Status is not CallStatus.Queued;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        ScheduleDue();
        return Task.CompletedTask;
    }

    public async Task<CallView> Accept(CallDraft draft, CancellationToken cancellationToken)
    {
        // A caller that repeats itself after a break finds its call accepted.
        if (State.Id is not null)
            return View();
        var now = time.GetUtcNow();
        stored.State = new()
        {
            Id = Id.Value,
            Deployment = draft.Deployment.Value,
            DeploymentUid = draft.DeploymentUid,
            CreatedAt = now,
            DueAt = now + draft.Limits.FullLive,
            Request = draft.Request,
            Limits = draft.Limits,
            Callback = draft.Callback is { } url ? new() { Url = url } : null,
        };
        await Save(cancellationToken);
        await Queue().Enqueue(Id);
        return View();
    }

    public Task<CallView?> Get() => Task.FromResult(State.Id is null ? null : View());

    public Task<CallResult?> GetResult() => Task.FromResult(State.Result);

    public async Task<Outcome<CallView>> Cancel(string actor, CancellationToken cancellationToken)
    {
        if (Refusal(HasEnded, "it has ended already") is { } refusal)
            return refusal;
        await End(CallStatus.Error, CallErrorCode.Canceled, $"Canceled by {actor}.", cancellationToken);
        return View();
    }

    public async Task<Outcome<CallView>> RunAgain(string actor, CancellationToken cancellationToken)
    {
        if (Refusal(State.Status is not CallStatus.Error, "it did not end in an error") is { } refusal)
            return refusal;
        (State.Status, State.ErrorCode, State.ErrorMessage, State.EndedAt, State.NextAttemptAt) = (CallStatus.Queued, null, null, null, null);
        State.SeriesStart = State.Attempts.Count;
        State.DueAt = time.GetUtcNow() + State.Limits.FullLive;
        ForgetEnd();
        await Save(cancellationToken);
        LogRunAgain(logger, Id, State.Deployment, actor);
        await Queue().Enqueue(Id);
        return View();
    }

    public async Task Fail(CallErrorCode code, string message, CancellationToken cancellationToken)
    {
        if (State.Id is not null && !HasEnded)
            await End(CallStatus.Error, code, message, cancellationToken);
    }

    public async Task ExpireIfDue(CancellationToken cancellationToken)
    {
        if (State.Id is null || State.DueAt is not { } at || at > time.GetUtcNow())
            return;
        if (HasEnded && RemovedAt > time.GetUtcNow())
            await TellIfDue(cancellationToken);
        else if (HasEnded)
            await Remove(cancellationToken);
        else
            await End(CallStatus.Error, CallErrorCode.Expired, $"It did not end within {State.Limits.FullLive?.TotalSeconds} s.", cancellationToken);
    }

    public async Task Remove(CancellationToken cancellationToken)
    {
        running?.Cancel();
        if (State.Id is not null)
        {
            await bodies.Delete(Id, cancellationToken);
            await stored.ClearStateAsync(cancellationToken);
            stored.State = new();
        }

        DeactivateOnIdle();
    }

    private FieldError? Refusal(bool isRefused, string why) =>
        State.Id is null ? new("id", ErrorCodes.NotFound, $"There is no call {Id}.")
        : isRefused ? new("id", ErrorCodes.AlreadyEnded, $"Call {Id} is {State.Status.ToString().ToUpperInvariant()}: {why}.")
        : null;

    /// <summary>Sets the one final state. What an attempt that still runs brings is dropped.</summary>
    private async Task End(CallStatus status, CallErrorCode? code, string? message, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        (State.Status, State.ErrorCode, State.ErrorMessage, State.EndedAt, State.NextAttemptAt) = (status, code, message, now, null);
        NoteEnd(now);
        if (State.Attempts is [.., { EndedAt: null } last])
            State.Attempts[^1] = last with { EndedAt = now, ErrorCode = code, Detail = message };
        await Save(cancellationToken);
        running?.Cancel();
        LogEnded(logger, Id, State.Deployment, status, code);
        TellEnd();
    }

    private void ScheduleDue()
    {
        due?.Dispose();
        if (State.DueAt is not { } at)
            return;
        due = this.RegisterEndTimer(ExpireIfDue, at, time.GetUtcNow());
    }

    private async Task Save(CancellationToken cancellationToken)
    {
        try
        {
            await stored.WriteStateAsync(cancellationToken);
        }
        catch
        {
            DeactivateOnIdle();
            throw;
        }

        ScheduleDue();
        await Queue().Changed(View());
    }

    private IQueueGrain Queue() => GrainFactory.GetGrain<IQueueGrain>(State.Deployment);

    private CallView View() => new()
    {
        Id = Id,
        Deployment = DeploymentName.Parse(State.Deployment),
        Status = State.Status,
        ErrorCode = State.ErrorCode,
        ErrorMessage = State.ErrorMessage,
        CreatedAt = State.CreatedAt,
        EndedAt = State.EndedAt,
        RemovedAt = HasEnded ? RemovedAt : null,
        NextAttemptAt = State.NextAttemptAt,
        Method = State.Request.Method,
        Path = State.Request.Path,
        Attempts = [.. State.Attempts],
        ResultStatusCode = State.Result?.StatusCode,
        Limits = State.Limits,
        Callback = State.Callback?.View(),
    };

    // Not Information: there may be thousands each second, and the card lists them all.
    [LoggerMessage(Level = LogLevel.Debug, Message = "Call {Call} of deployment {Deployment} has ended: {Status} {ErrorCode}")]
    private static partial void LogEnded(ILogger logger, CallId call, string deployment, CallStatus status, CallErrorCode? errorCode);

    [LoggerMessage(Level = LogLevel.Information, Message = "Call {Call} of deployment {Deployment} is run again by {Actor}")]
    private static partial void LogRunAgain(ILogger logger, CallId call, string deployment, string actor);
}
