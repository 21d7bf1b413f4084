using System.Text;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Logs;

internal sealed partial class PodLogPump(
    IGrainFactory grains,
    IOptions<LogOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<PodLogPump> logger
) : IPodLogPump
{
    // What goes to the log at once, and from there to each who watches it: small enough that many who are slow hold little.
    private const int MostAtOnce = 200;
    private const int MostBytesAtOnce = 64 * 1024;

    /// <summary>A shorter pause is put off until more has come: a timer is not more exact.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(15);

    // A log grain that moves is there again within them; one whose silo was killed is away until the others have noticed.
    private const int QuietTries = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    public async Task Carry(PodName pod, DeploymentName deployment, IAsyncEnumerable<PodLogLine> lines, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopped);
        try
        {
            await Pump(pod, deployment, lines, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The silo ends, or nobody waits for the rest of it any more.
        }
        catch (Exception e)
        {
            LogLost(logger, e, pod, deployment);
        }
    }

    private async Task Pump(PodName pod, DeploymentName deployment, IAsyncEnumerable<PodLogLine> lines, CancellationToken cancellationToken)
    {
        var batch = new Batch();
        var pace = new LogPace(options.Value.MaxLinesPerSecond, options.Value.MaxBytesPerSecond);
        var began = time.GetTimestamp();
        var each = lines.GetAsyncEnumerator(cancellationToken);
        var next = each.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                if (batch.IsFull || (batch.Lines.Count > 0 && !next.IsCompleted))
                {
                    await Send(pod, deployment, batch.Lines, cancellationToken);
                    var pause = pace.Take(batch.Lines.Count, batch.Bytes, time.GetElapsedTime(began));
                    if (pause > ShortestPause)
                        await Task.Delay(pause, time, cancellationToken);
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
            // It cannot be disposed of while it looks for the next line.
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
                if (attempt == QuietTries)
                    LogHeldUp(logger, e, pod, deployment);
                var pause = Pause * attempt;
                await Task.Delay(pause < LongestPause ? pause : LongestPause, time, cancellationToken);
            }
        }
    }

    private sealed class Batch
    {
        public List<PodLogLine> Lines { get; } = [];

        public long Bytes { get; private set; }

        public bool IsFull => Lines.Count == MostAtOnce || Bytes >= MostBytesAtOnce;

        public void Add(PodLogLine line)
        {
            Lines.Add(line);
            Bytes += Encoding.UTF8.GetByteCount(line.Text);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "What pod {Pod} of deployment {Deployment} writes does not reach its log now; trying again"
    )]
    private static partial void LogHeldUp(ILogger logger, Exception exception, PodName pod, DeploymentName deployment);

    [LoggerMessage(Level = LogLevel.Error, Message = "The log of pod {Pod} of deployment {Deployment} broke off")]
    private static partial void LogLost(ILogger logger, Exception exception, PodName pod, DeploymentName deployment);
}
