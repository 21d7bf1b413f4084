using DeployCard.Contracts.Configuration;
using DeployCard.Gateway.Problems;

namespace DeployCard.Gateway;

/// <summary>
/// Timeouts of one request after it was sent to a pod: first byte, stream idle time and total time. Instances are reused for further
/// requests, so that no request needs to create a timer.
/// </summary>
/// <remarks>
/// YARP's activity timeout limits silence in both directions by the longer of the first-byte timeout and the stream idle timeout
/// (<see cref="ForwarderConfigs.GetActivityTimeout"/>). This class enforces the shorter limits.
/// </remarks>
internal sealed class RequestTimeouts(TimeProvider time) : IDisposable
{
    private static readonly DeploymentConfiguration None = new() { FirstByteTimeout = TimeSpan.Zero, StreamIdleTimeout = TimeSpan.Zero };

    private readonly Lock sync = new();
    private CancellationTokenSource source = New(time);
    private DeploymentConfiguration limits = None;
    private long started;
    private bool hasResponse;

    // Whether the timer is set for the request timeout. Comparing times after it has fired would be unreliable: a timer may fire a moment
    // early.
    private bool isRequestTimeout;

    /// <summary>Token that is canceled when a timeout expires.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Problem to respond with after a timeout has expired; null while no timeout has expired.</summary>
    public GatewayProblem? Problem =>
        !source.IsCancellationRequested ? null
        : isRequestTimeout ? PodProblems.RequestTimeout(limits.RequestTimeout)
        : PodProblems.FirstByteTimeout(limits.FirstByteTimeout);

    /// <summary>Starts the first-byte timeout and the request timeout. Call this when a pod gets the request.</summary>
    public void Start(DeploymentConfiguration given)
    {
        (limits, hasResponse, started) = (given, false, time.GetTimestamp());
        Restart(limits.FirstByteTimeout);
    }

    /// <summary>Restarts the first-byte timeout, because bytes of the request body were forwarded.</summary>
    public void OnRequestBytes()
    {
        lock (sync)
        {
            if (!hasResponse)
                Restart(limits.FirstByteTimeout);
        }
    }

    /// <summary>Stops the first-byte timeout, because the response has started.</summary>
    /// <param name="isUpgrade">Whether the connection was upgraded. Then no timeout applies any longer.</param>
    public void OnResponseStarted(bool isUpgrade)
    {
        lock (sync)
        {
            hasResponse = true;
            if (isUpgrade)
                source.CancelAfter(Timeout.InfiniteTimeSpan);
            else
                Restart(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Restarts the stream idle timeout before a read of the response.</summary>
    public void OnStreamRead() => Restart(limits.StreamIdleTimeout);

    /// <summary>Stops all timeouts and prepares the instance for the next request.</summary>
    public void Stop()
    {
        if (source.TryReset())
            return;
        source.Dispose();
        source = New(time);
    }

    public void Dispose() => source.Dispose();

    private static CancellationTokenSource New(TimeProvider time) => new(Timeout.InfiniteTimeSpan, time);

    /// <summary>Sets the timer to <paramref name="limit"/>, or to the rest of the request timeout if that is shorter.</summary>
    private void Restart(TimeSpan limit)
    {
        isRequestTimeout = limits.RequestTimeout > TimeSpan.Zero && (limit == Timeout.InfiniteTimeSpan || TimeLeft() < limit);
        source.CancelAfter(isRequestTimeout ? TimeLeft() : limit);
    }

    private TimeSpan TimeLeft() =>
        limits.RequestTimeout - time.GetElapsedTime(started) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
}
