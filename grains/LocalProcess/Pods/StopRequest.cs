namespace DeployCard.LocalProcess.Pods;

/// <summary>The request to stop a pod. The first call starts the grace period; later calls can only shorten it.</summary>
internal sealed class StopRequest : IDisposable
{
    private readonly TimeProvider clock;
    private readonly Lock sync = new();
    private readonly CancellationTokenSource asked = new();
    private readonly CancellationTokenSource graceOver;
    private DateTimeOffset killAt = DateTimeOffset.MaxValue;
    private bool disposed;

    public StopRequest(TimeProvider clock)
    {
        this.clock = clock;
        graceOver = new(Timeout.InfiniteTimeSpan, clock);
        (StopRequested, GraceExpired) = (asked.Token, graceOver.Token);
    }

    /// <summary>Canceled when the pod is asked to end.</summary>
    public CancellationToken StopRequested { get; }

    /// <summary>Canceled when the grace period has elapsed and the pod must be killed.</summary>
    public CancellationToken GraceExpired { get; }

    public void RequestStop(TimeSpan grace)
    {
        lock (sync)
        {
            var end = clock.GetUtcNow() + grace;
            if (disposed || end >= killAt)
                return;

            killAt = end;
            graceOver.CancelAfter(grace);
        }

        // Outside the lock, because canceling runs the continuations of the waiting code.
        Cancel();
    }

    public void Dispose()
    {
        lock (sync)
        {
            disposed = true;
        }

        graceOver.Dispose();
    }

    private void Cancel() => asked.Cancel();
}
