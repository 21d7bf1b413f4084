using DeployCard.Grains.Storage;

namespace DeployCard.Grains.AsyncCalls;

internal sealed partial class AsyncCallGrain : IDisposable
{
    /// <summary>Well below the time after which Orleans gives a call up.</summary>
    private static readonly TimeSpan AwaitPatience = TimeSpan.FromSeconds(10);

    /// <summary>How long an answer that could not be stored waits until that is tried again.</summary>
    private static readonly TimeSpan StoragePause = TimeSpan.FromSeconds(1);

    private CallTurn? turn;

    // The end of the pause after a turn that was no attempt. It is not stored: a new activation may try at once.
    private DateTimeOffset? idleUntil;

    public async Task<TurnProgress> BeginTurn()
    {
        if (!IsThere || State.HasEnded)
            return TurnProgress.Over;
        // A queue that was taken up anew asks for what goes on already.
        if (turn is not null)
            return TurnProgress.Running;
        var now = time.GetUtcNow();
        if (NotBefore is { } pause && pause > now)
            return new(false, pause);
        // It would only be broken off at once; a moment later the call is on another silo.
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return new(false, now + options.Value.InitialBackoff);
        await ExpireIfDue(CancellationToken.None);
        if (State.SeriesAttempts >= options.Value.MaxAttempts && !State.HasEnded)
            await EndAfterLast();
        if (!IsThere || State.HasEnded)
            return TurnProgress.Over;
        turn = new(now, lifetime.ApplicationStopping);
        _ = Run(turn);
        return TurnProgress.Running;
    }

    public async Task<TurnProgress> AwaitTurn()
    {
        try
        {
            // Without one here it is over, or this activation took the place of one whose silo is gone.
            if (turn is { } present)
                await present.Ended.WaitAsync(AwaitPatience, time);
        }
        catch (TimeoutException)
        {
            // It goes on, which is told below.
        }

        return turn is not null ? TurnProgress.Running
            : !IsThere || State.HasEnded ? TurnProgress.Over
            : new(false, NotBefore ?? time.GetUtcNow());
    }

    public async Task<int?> StartAttempt(Guid turn, string pod)
    {
        if (!IsThere || State.HasEnded || this.turn?.Id != turn || lifetime.ApplicationStopping.IsCancellationRequested)
            return null;
        // A turn makes one attempt: one that is still open is of a turn that broke, as when the storage went away around it.
        CloseLostAttempt("its turn broke off");
        // Stored before the pod has it: a call that kills silos must not live for ever.
        var number = State.Attempts.Count + 1;
        await Store(
            State with
            {
                Attempts = [.. State.Attempts, new(number, time.GetUtcNow(), Pod: pod)],
                NextAttemptAt = null,
            },
            CancellationToken.None
        );
        return number;
    }

    public async Task MissAttempt(Guid turn, PodAnswer refusal)
    {
        if (!IsThere || State.HasEnded || this.turn is not { } present || present.Id != turn)
            return;
        if (refusal.ErrorCode is null)
            idleUntil = time.GetUtcNow() + options.Value.InitialBackoff;
        else
            await Conclude(State with { Attempts = [.. State.Attempts, new(State.Attempts.Count + 1, present.Since)] }, refusal);
    }

    public async Task CompleteAttempt(int number, PodAnswer answer)
    {
        if (!IsThere || State.HasEnded || State.OpenAttempt is not { } open || open.Number != number)
            await DropBody(number, answer);
        // An orderly end of this silo broke it off.
        else if (answer is { Result: null, ErrorCode: null })
            await Store(BrokenOff(open), CancellationToken.None);
        else
            await Conclude(State, answer);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        turn?.Abort();
        // An orderly end breaks the attempt off, which must not count; its own word of that may come too late for a silo that ends.
        if (!lifetime.ApplicationStopping.IsCancellationRequested || State.HasEnded || State.OpenAttempt is not { } open)
            return;
        stored.State = BrokenOff(open);
        await stored.WriteStateAsync(cancellationToken);
    }

    public void Dispose() => turn?.Dispose();

    private DateTimeOffset? NotBefore => new[] { State.NextAttemptAt, idleUntil }.Max();

    /// <summary>Stores the end of the last attempt of <paramref name="state"/>, and what follows.</summary>
    private async Task Conclude(AsyncCallState state, PodAnswer answer)
    {
        var now = time.GetUtcNow();
        var ended = state.WithLast(
            state.Attempts[^1] with
            {
                EndedAt = now,
                StatusCode = answer.StatusCode,
                ErrorCode = answer.ErrorCode,
                Detail = answer.Detail,
            }
        );
        var decision = RetryDecision.After(ended.SeriesAttempts, answer, options.Value, Random.Shared.NextDouble());
        if (decision.Status is CallStatus.Queued)
            await Store(ended with { NextAttemptAt = now + decision.RetryAfter }, CancellationToken.None);
        else
            await End(ended, decision.Status, decision.ErrorCode, decision.Message, answer.Result, CancellationToken.None);
        metrics.Attempted(State.Deployment, ended.Attempts[^1]);
    }

    private AsyncCallState BrokenOff(CallAttempt open) =>
        State.WithLast(
            open with
            {
                EndedAt = time.GetUtcNow(),
                Detail = "an orderly end of the silo that ran it broke it off",
                IsCounted = false,
            }
        );

    /// <summary>What was running when an activation went without a word has no silo any more: it counts, or a call that kills silos would live for ever.</summary>
    private void CloseLostAttempt(string why)
    {
        if (!State.HasEnded && State.OpenAttempt is { } lost)
            stored.State = State.WithLast(lost with { EndedAt = time.GetUtcNow(), ErrorCode = CallErrorCode.PodFailed, Detail = why });
    }

    /// <summary>The last attempt that it may have was lost with its silo, which nobody has decided about yet.</summary>
    private Task EndAfterLast()
    {
        var last = State.Attempts[^1];
        var decision = RetryDecision.Failed(State.SeriesAttempts, last.ErrorCode ?? CallErrorCode.PodFailed, last.Detail);
        return End(State, decision.Status, decision.ErrorCode, decision.Message, null, CancellationToken.None);
    }

    /// <summary>A late answer may have brought a body, which nobody will ask for.</summary>
    private Task DropBody(int number, PodAnswer answer) =>
        answer.Result?.Body is { Inline: null } ? bodies.Delete(Id, BodyPart.Result(number), CancellationToken.None) : Task.CompletedTask;

    /// <summary>Runs beside the grain's turns; what comes of it comes back as an ordinary call.</summary>
    private async Task Run(CallTurn present)
    {
        try
        {
            await Attempt(present);
        }
        catch (Exception e)
        {
            // The queue tries again.
            var level = StorageHealth.Level(e, LogLevel.Error);
            LogTurnBroke(logger, level, e, Id, State.Deployment);
            idleUntil = time.GetUtcNow() + options.Value.InitialBackoff;
        }
        finally
        {
            if (turn == present)
                turn = null;
            present.Dispose();
        }
    }

    private async Task Attempt(CallTurn present)
    {
        var self = GrainFactory.GetGrain<IAsyncCallGrain>(Id.Value);
        var (number, answer) = await Answer(self, present);
        if (answer is not null)
            await Tell(present, () => number is { } attempt ? self.CompleteAttempt(attempt, answer) : self.MissAttempt(present.Id, answer));
    }

    /// <summary>What came of it, and the number of the attempt where there was one; nothing where it must not be made any more.</summary>
    private async Task<(int? Number, PodAnswer? Answer)> Answer(IAsyncCallGrain self, CallTurn present)
    {
        int? number = null;
        try
        {
            var (place, refusal) = await pods.Enter(Deployments.DeploymentName.Parse(State.Deployment), State.Limits.Health, present.Stop);
            using var _ = place;
            if (place is null)
                return (null, refusal);
            number = await self.StartAttempt(present.Id, place.Pod);
            if (number is not { } attempt)
                return default;
            using var span = CallSpans.Attempt(State, attempt, place.Pod);
            var answer = await place.Send(Id, attempt, State.Request, State.Limits.Request, present.Stop);
            CallSpans.End(span, answer);
            return (attempt, answer);
        }
        catch (OperationCanceledException) when (present.Stop.IsCancellationRequested)
        {
            return (number, PodAnswer.NotTried("It was aborted."));
        }
    }

    /// <summary>An answer costs a prediction: while the storage is away it is kept, and stored when that is back.</summary>
    private async Task Tell(CallTurn present, Func<Task> tell)
    {
        while (true)
        {
            try
            {
                await tell();
                return;
            }
            catch (Exception e) when (!present.Stop.IsCancellationRequested)
            {
                var level = StorageHealth.Level(e, LogLevel.Warning);
                LogNotStored(logger, level, e, Id, State.Deployment);
                await Task.Delay(StoragePause, time, present.Stop);
            }
        }
    }

    [LoggerMessage(Message = "The turn of call {Call} of deployment {Deployment} broke")]
    private static partial void LogTurnBroke(ILogger logger, LogLevel level, Exception exception, CallId call, string deployment);

    [LoggerMessage(
        Message = "What came of an attempt of call {Call} of deployment {Deployment} could not be stored; it is kept and stored again"
    )]
    private static partial void LogNotStored(ILogger logger, LogLevel level, Exception exception, CallId call, string deployment);
}
