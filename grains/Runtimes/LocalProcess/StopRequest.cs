namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>Somebody wants a pod to end. The first to ask begins its end; who asks later can only shorten its grace.</summary>
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
        (Asked, GraceOver) = (asked.Token, graceOver.Token);
    }

    /// <summary>The pod is to end.</summary>
    public CancellationToken Asked { get; }

    /// <summary>It is to end now.</summary>
    public CancellationToken GraceOver { get; }

    public void Ask(TimeSpan grace)
    {
        lock (sync)
        {
            var end = clock.GetUtcNow() + grace;
            if (disposed || end >= killAt)
                return;

            killAt = end;
            graceOver.CancelAfter(grace);
        }

        // Outside of the lock: it runs what waits for it.
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
