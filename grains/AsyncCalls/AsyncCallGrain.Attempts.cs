namespace DeployCard.Grains.AsyncCalls;

internal sealed partial class AsyncCallGrain : IDisposable
{
    /// <summary>Well below the time after which Orleans gives a call up.</summary>
    private static readonly TimeSpan AwaitPatience = TimeSpan.FromSeconds(10);

    private CancellationTokenSource? running;
    private TaskCompletionSource attempt = new();

    public async Task<AttemptStart> BeginAttempt()
    {
        var now = time.GetUtcNow();
        if (State.Id is null || HasEnded)
            return new(null, null);
        // A queue that was taken up anew asks for what goes on already.
        if (running is not null && State.Attempts is [.., { EndedAt: null } present])
            return new(present.Number, null);
        if (State.NextAttemptAt is { } pause && pause > now)
            return new(null, pause);
        if (State.DueAt <= now)
        {
            await ExpireIfDue(CancellationToken.None);
            return new(null, null);
        }

        // An attempt without an end is one whose silo is gone: it counts, or a call that kills silos would live for ever.
        if (State.Attempts is [.., { EndedAt: null } lost])
            State.Attempts[^1] = lost with { EndedAt = now, ErrorCode = CallErrorCode.PodFailed, Detail = "The silo that ran it is gone." };
        var number = State.Attempts.Count + 1;
        State.Attempts.Add(new(number, now));
        await Save(CancellationToken.None);
        attempt = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = Run(number);
        return new(number, null);
    }

    public async Task<AttemptProgress> AwaitAttempt()
    {
        try
        {
            // Without one that runs here: it has ended, or this activation took the place of one whose silo is gone.
            if (running is not null)
                await attempt.Task.WaitAsync(AwaitPatience, time);
        }
        catch (TimeoutException)
        {
            // It still runs, which is told below.
        }

        return running is not null ? new(true, null)
            : new(false, HasEnded || State.Id is null ? null : State.NextAttemptAt ?? time.GetUtcNow());
    }

    public async Task CompleteAttempt(int number, PodAnswer answer)
    {
        if (State.Id is null || HasEnded || State.Attempts is not [.., { EndedAt: null } present] || present.Number != number)
            return;
        var now = time.GetUtcNow();
        var decision = RetryDecision.After(number - State.SeriesStart, answer, options.Value, Random.Shared.NextDouble());
        if (answer is { Result: null, ErrorCode: null })
            State.Attempts.RemoveAt(number - 1);
        else
            State.Attempts[number - 1] = State.Attempts[number - 1] with
            {
                EndedAt = now, Pod = answer.Pod, StatusCode = answer.Result?.StatusCode, ErrorCode = Code(answer, decision), Detail = answer.Detail,
            };

        if (decision.Status is not CallStatus.Queued)
        {
            State.Result = decision.Status is CallStatus.Completed ? answer.Result : null;
            await End(decision.Status, decision.ErrorCode, decision.Message, CancellationToken.None);
            return;
        }

        State.NextAttemptAt = now + decision.RetryAfter;
        await Save(CancellationToken.None);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // An orderly end breaks the attempt off, which must not count; its own word of that may come too late for a silo that ends.
        if (!lifetime.ApplicationStopping.IsCancellationRequested || HasEnded || State.Attempts is not [.., { EndedAt: null }])
            return;
        State.Attempts.RemoveAt(State.Attempts.Count - 1);
        await stored.WriteStateAsync(cancellationToken);
    }

    public void Dispose() => running?.Dispose();

    private static CallErrorCode? Code(PodAnswer answer, RetryDecision decision) =>
        answer.ErrorCode ?? (decision.Status is CallStatus.Completed ? null : CallErrorCode.PodError);

    /// <summary>Runs beside the grain's turns; what comes of it comes back as an ordinary call.</summary>
    private async Task Run(int number)
    {
        var ended = attempt;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
        running = stop;
        try
        {
            var answer = await Answer(stop.Token);
            await GrainFactory.GetGrain<IAsyncCallGrain>(Id.Value).CompleteAttempt(number, answer);
        }
        catch (Exception e)
        {
            // The queue tries again; the attempt counts as lost then.
            LogAttemptBroke(logger, e, Id, State.Deployment, number);
            DeactivateOnIdle();
        }
        finally
        {
            if (running == stop)
                running = null;
            ended.TrySetResult();
        }
    }

    private async Task<PodAnswer> Answer(CancellationToken cancellationToken)
    {
        try
        {
            return await pods.Call(Deployments.DeploymentName.Parse(State.Deployment), Id, State.Request, State.Limits, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return PodAnswer.NotTried("It was aborted.");
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Attempt {Number} of call {Call} of deployment {Deployment} broke")]
    private static partial void LogAttemptBroke(ILogger logger, Exception exception, CallId call, string deployment, int number);
}
