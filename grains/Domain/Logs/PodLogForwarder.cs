using System.Text;
using DeployCard.Common.Retry;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DeployCard.Domain.Logs;

internal sealed partial class PodLogForwarder(
    IGrainFactory grains,
    IOptions<LogOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<PodLogForwarder> logger
) : IPodLogForwarder
{
    // Limits of a batch. A batch is also buffered for each reader of the log, so small batches limit the memory held by slow readers.
    private const int MaxBatchLines = 200;
    private const int MaxBatchBytes = 64 * 1024;

    /// <summary>Minimum delay of the rate limit. Shorter delays accumulate until they reach the resolution of a timer.</summary>
    private static readonly TimeSpan MinDelay = TimeSpan.FromMilliseconds(15);

    // A grain that moves is available again within these attempts. After a silo is killed, its grains are unavailable until it is
    // declared dead.
    private const int AttemptsBeforeWarning = 5;
    private static readonly Backoff Backoff = Backoff.Linear(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5));

    public async Task Forward(
        PodName pod,
        DeploymentName deployment,
        IAsyncEnumerable<PodLogLine> lines,
        CancellationToken cancellationToken
    )
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopped);
        try
        {
            await ForwardLines(pod, deployment, lines, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The silo has stopped, or the caller no longer needs the remaining lines.
        }
        catch (Exception e)
        {
            LogForwardingFailed(logger, e, pod, deployment);
        }
    }

    private async Task ForwardLines(
        PodName pod,
        DeploymentName deployment,
        IAsyncEnumerable<PodLogLine> lines,
        CancellationToken cancellationToken
    )
    {
        var batch = new Batch();
        var limiter = new LogRateLimiter(options.Value.MaxLinesPerSecond, options.Value.MaxBytesPerSecond);
        var started = time.GetTimestamp();
        var each = lines.GetAsyncEnumerator(cancellationToken);
        var next = each.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                if (batch.IsFull || (batch.Lines.Count > 0 && !next.IsCompleted))
                {
                    await Send(pod, deployment, batch.Lines, cancellationToken);
                    var delay = limiter.Record(batch.Lines.Count, batch.Bytes, time.GetElapsedTime(started));
                    if (delay > MinDelay)
                        await Task.Delay(delay, time, cancellationToken);
                    batch = new();
                }

                if (!await next)
                    break;
                batch.Add(each.Current);
                next = each.MoveNextAsync().AsTask();
            }

            if (batch.Lines.Count > 0)
                await Send(pod, deployment, batch.Lines, cancellationToken);
        }
        finally
        {
            // An enumerator must not be disposed while MoveNextAsync is running.
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await each.DisposeAsync();
        }
    }

    private async Task Send(PodName pod, DeploymentName deployment, List<PodLogLine> batch, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await grains.GetGrain<ILogGrain>(deployment.Value).Append(pod, batch);
                return;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                if (attempt == AttemptsBeforeWarning)
                    LogAppendFailing(logger, e, pod, deployment);
                await Task.Delay(Backoff.DelayAfter(attempt), time, cancellationToken);
            }
        }
    }

    private sealed class Batch
    {
        public List<PodLogLine> Lines { get; } = [];

        public long Bytes { get; private set; }

        public bool IsFull => Lines.Count == MaxBatchLines || Bytes >= MaxBatchBytes;

        public void Add(PodLogLine line)
        {
            Lines.Add(line);
            Bytes += Encoding.UTF8.GetByteCount(line.Text);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Appending lines of pod {Pod} to the log of deployment {Deployment} still fails; retrying"
    )]
    private static partial void LogAppendFailing(ILogger logger, Exception exception, PodName pod, DeploymentName deployment);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Forwarding the output of pod {Pod} to the log of deployment {Deployment} failed; its remaining lines are lost"
    )]
    private static partial void LogForwardingFailed(ILogger logger, Exception exception, PodName pod, DeploymentName deployment);
}
