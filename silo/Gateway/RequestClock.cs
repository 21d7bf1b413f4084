using DeployCard.Grains.Routing;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// The time limits of one request once a pod has it: its first byte, the silence of its stream, the whole. It is used again for further
/// requests, so that none costs a timer of its own.
/// </summary>
/// <remarks>
/// The forwarder itself bounds silence in both directions, by the longer one of the limits of first byte and stream
/// (<see cref="Forwarding.SilenceOf"/>); this clock holds the limits that are tighter.
/// </remarks>
internal sealed class RequestClock(TimeProvider time) : IDisposable
{
    private static readonly RouteLimits None = new();

    private readonly Lock moving = new();
    private CancellationTokenSource source = New(time);
    private RouteLimits limits = None;
    private long started;
    private bool isAnswered;

    // Which limit the timer is set for. Asking the time when it has gone off would not tell: a timer may be a moment early.
    private bool isWhole;

    /// <summary>Cancelled when a limit is over.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>What to tell the client once a limit is over; null while none is.</summary>
    public GatewayProblem? Over =>
        !source.IsCancellationRequested ? null
        : isWhole ? GatewayProblem.RequestTimeout(limits.RequestTimeout)
        : GatewayProblem.FirstByteTimeout(limits.FirstByteTimeout);

    /// <summary>A pod has the request.</summary>
    public void Start(RouteLimits given)
    {
        (limits, isAnswered, started) = (given, false, time.GetTimestamp());
        Arm(limits.FirstByteTimeout);
    }

    /// <summary>A part of the request went on to the pod: the first byte of the answer has its whole time from here.</summary>
    public void BodyMoved()
    {
        lock (moving)
        {
            if (!isAnswered)
                Arm(limits.FirstByteTimeout);
        }
    }

    /// <summary>The answer has begun.</summary>
    /// <param name="isUpgrade">The connection is no longer one of requests and answers: no limit applies to it.</param>
    public void Answered(bool isUpgrade)
    {
        lock (moving)
        {
            isAnswered = true;
            if (isUpgrade)
                source.CancelAfter(Timeout.InfiniteTimeSpan);
            else
                Arm(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>A part of the answer is waited for: silence is bounded from here.</summary>
    public void AwaitsStream() => Arm(limits.StreamIdleTimeout);

    /// <summary>The request is over.</summary>
    public void Stop()
    {
        if (source.TryReset())
            return;
        source.Dispose();
        source = New(time);
    }

    public void Dispose() => source.Dispose();

    private static CancellationTokenSource New(TimeProvider time) => new(Timeout.InfiniteTimeSpan, time);

    /// <summary>Sets the timer for a limit, or for what is left of the whole where that is less.</summary>
    private void Arm(TimeSpan limit)
    {
        isWhole = limits.RequestTimeout > TimeSpan.Zero && (limit == Timeout.InfiniteTimeSpan || Left() < limit);
        source.CancelAfter(isWhole ? Left() : limit);
    }

    private TimeSpan Left() =>
        limits.RequestTimeout - time.GetElapsedTime(started) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
}
