using System.Runtime.CompilerServices;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes.LocalProcess.Output;

namespace DeployCard.Grains.Runtimes.Kubernetes.Output;

/// <summary>Reads what one pod writes, from where its log stands to the end of the pod, over restarts and broken connections.</summary>
internal sealed partial class PodLogReader(PodApi api, PodTable table, IPodLogProgress progress, TimeProvider time, ILogger<PodLogReader> logger)
{
    private const int LineLimit = 16 * 1024;
    private const int BufferSize = 16 * 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>All lines that its log does not have yet, as they come.</summary>
    public async IAsyncEnumerable<PodLogLine> Read(PodName pod, DeploymentName deployment, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var cursor = new LogCursor(await progress.Of(pod, deployment, cancellationToken));
        var (restarts, pause) = (0, Pause);
        while (table.Find(pod) is { Seen.Phase: not PodPhase.Gone } there)
        {
            var hasNew = false;
            if (there.Seen.Restarts > restarts)
            {
                if (there.Seen.Restarts > restarts + 1)
                    yield return new(time.GetUtcNow(), LogStream.System, $"It was started {there.Seen.Restarts} times; of its earlier runs the platform keeps only the last one's output.");
                // What the run before wrote last: the connection may have ended before it, and who comes now has seen nothing of it.
                await foreach (var line in Stream(pod, cursor, follow: false, previous: true, cancellationToken))
                    yield return line;
                (restarts, hasNew) = (there.Seen.Restarts, true);
            }

            await foreach (var line in Stream(pod, cursor, follow: true, previous: false, cancellationToken))
            {
                hasNew = true;
                yield return line;
            }

            // It ended: so did the run, or the connection. Which it was, is seen next time.
            pause = hasNew ? Pause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
            await Task.Delay(pause, time, cancellationToken);
        }
    }

    /// <summary>The new lines of one connection.</summary>
    private async IAsyncEnumerable<PodLogLine> Stream(
        PodName pod, LogCursor cursor, bool follow, bool previous, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = await Open(pod, cursor, follow, previous, cancellationToken);
        if (stream is null)
            yield break;
        cursor.Begin();
        var lines = new List<string>();
        var splitter = new LineSplitter(LineLimit, (line, cut) => lines.Add(LineText.From(line, cut)));
        var buffer = new byte[BufferSize];
        for (var isOpen = true; isOpen;)
        {
            // A last line without its end was cut off with the connection, and comes again as a whole.
            isOpen = await Next(stream, buffer, pod, cancellationToken) is var length && length > 0;
            splitter.Add(buffer.AsSpan(0, length));
            foreach (var (at, text) in lines.Select(LogCursor.Split))
            {
                if (at is not { } when)
                    yield return new(time.GetUtcNow(), LogStream.Out, text);
                else if (cursor.Take(when))
                    yield return new(when, LogStream.Out, text);
            }

            lines.Clear();
        }
    }

    private async Task<Stream?> Open(PodName pod, LogCursor cursor, bool follow, bool previous, CancellationToken cancellationToken)
    {
        try
        {
            return await api.OpenLog(pod.Value, cursor.Since, follow, previous, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogBroken(logger, e, pod);
            return null;
        }
    }

    /// <summary>How much more has come; 0 at the end, whichever way it ended.</summary>
    private async Task<int> Next(Stream stream, byte[] buffer, PodName pod, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogBroken(logger, e, pod);
            return 0;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The output of pod {Pod} broke off; it is taken up where it broke")]
    private static partial void LogBroken(ILogger logger, Exception exception, PodName pod);
}
