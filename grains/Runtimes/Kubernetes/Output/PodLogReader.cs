using System.Net;
using System.Runtime.CompilerServices;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.Kubernetes.Output;

/// <summary>
/// Reads what one pod writes, from where its log stands to the end of the pod, over restarts and broken connections. Which run a connection is of,
/// nobody says: a node is ahead of what the API server knows. So a connection that shows no line that was taken before it may be of a later run, and
/// the run before that is read first.
/// </summary>
internal sealed partial class PodLogReader(
    PodApi api,
    PodTable table,
    IPodLogProgress progress,
    TimeProvider time,
    ILogger<PodLogReader> logger
)
{
    // Where the run before cannot be read at all, the present one is not kept back for ever.
    private const int MostTriesBefore = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    // Lines that are there already come at once.
    private static readonly TimeSpan FirstSilence = TimeSpan.FromSeconds(1);

    // A connection may be dead without a word of it, and one whose file the node has put away goes silent for good: another one shows. A node looks each
    // ten seconds for what to put away: before that, nothing of the next file is lost. Who has long been silent is asked less often.
    private static readonly TimeSpan ShortestSilence = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(2);

    private readonly FailureNotice denials = new(time);

    /// <summary>All lines that its log does not have yet, as they come.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="deployment">Whose it is.</param>
    /// <param name="gone">That the pod is there no more: what has not come by now does not come.</param>
    /// <param name="cancellationToken">That nobody wants the lines any more.</param>
    public async IAsyncEnumerable<PodLogLine> Read(
        PodName pod,
        DeploymentName deployment,
        CancellationToken gone,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(gone, cancellationToken);
        var reading = new LogReading(pod, await progress.Of(pod, deployment, LogCursor.Kept, cancellationToken), time);
        var (pause, silence, triesBefore) = (Pause, ShortestSilence, 0);
        while (!end.IsCancellationRequested && RunOf(pod) is { } run)
        {
            reading.Look();
            await using var connection = Connect(reading, follow: !run.HasEnded, previous: false);
            await using var before = Connect(reading, follow: false, previous: true);
            await foreach (var line in Current(reading, connection, before, ++triesBefore < MostTriesBefore, silence, end.Token))
                yield return line;
            if (before.Failure is null)
                triesBefore = 0;
            if (run.HasEnded && connection.IsWhole)
            {
                // All of it was there when it was asked for: of its last line, too, there is no more. Until the next run there is nothing to ask.
                foreach (var line in reading.TakeRest())
                    yield return line;
                reading.Complete(run.Number);
                await OtherRun(pod, deployment, run, end.Token);
                continue;
            }

            // So has the run ended, or the connection. Which it was, is seen next time.
            (pause, silence) = reading.HasNew
                ? (Pause, ShortestSilence)
                : (Shorter(pause * 2, LongestPause), Shorter(silence * 2, LongestSilence));
            await Task.Delay(pause, time, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellationToken.ThrowIfCancellationRequested();
        foreach (var line in reading.TakeRest())
            yield return line;
    }

    /// <summary>The new lines of a connection, and before them those of the run before where it does not go on where the last one ended.</summary>
    private async IAsyncEnumerable<PodLogLine> Current(
        LogReading reading,
        LogConnection connection,
        LogConnection before,
        bool needsBefore,
        TimeSpan silence,
        [EnumeratorCancellation] CancellationToken end
    )
    {
        reading.Begin();
        var isPlaced = false;
        var isOpen = true;
        while (isOpen)
        {
            var lines = await Next(
                connection,
                !isPlaced ? FirstSilence
                    : reading.HasNew ? ShortestSilence
                    : silence,
                end
            );
            var isSilent = isPlaced && lines is [];
            isOpen = lines is not null && !isSilent;
            if (isSilent)
            {
                connection.GiveUp();
                reading.GiveUp();
            }

            var known = isPlaced ? 0 : (lines ?? []).TakeWhile(line => !reading.IsNew(line)).Count();
            foreach (var line in Take(reading, (lines ?? []).Take(known)))
                yield return line;
            if (!isPlaced && (lines is null or [] || known < lines.Count))
            {
                if (!reading.HasMet)
                {
                    foreach (var line in reading.TakeRestOfFile())
                        yield return line;
                    await foreach (var line in Before(reading, before, end))
                        yield return line;
                    if (!before.IsWhole && needsBefore)
                        yield break;
                    // What this connection has shown up to here was known; what comes is compared with all that is known now.
                    reading.Begin();
                }

                isPlaced = true;
            }

            foreach (var line in Take(reading, (lines ?? []).Skip(known)))
                yield return line;
        }

        Ended(reading, connection);
    }

    /// <summary>The new lines of the run before.</summary>
    private async IAsyncEnumerable<PodLogLine> Before(
        LogReading reading,
        LogConnection before,
        [EnumeratorCancellation] CancellationToken end
    )
    {
        reading.Begin();
        var number = await Newest(reading.Pod, end) - 1;
        var gap = default(PodLogLine);
        var isBegun = false;
        while (await Next(before, LongestSilence, end) is { Count: > 0 } lines)
        {
            foreach (var line in lines)
            {
                if (!isBegun && reading.IsNew(line))
                {
                    isBegun = true;
                    if ((gap = reading.Gap(number)) is not null)
                        yield return gap;
                }

                if (reading.Take(line) is { } taken)
                    yield return taken;
            }
        }

        Ended(reading, before);
        if (!before.IsWhole)
            yield break;
        if (!isBegun && (gap = reading.Gap(number)) is not null)
            yield return gap;
        foreach (var line in reading.TakeRest())
            yield return line;
        reading.Complete(number);
    }

    private static IEnumerable<PodLogLine> Take(LogReading reading, IEnumerable<StampedLine> lines) =>
        lines.Select(reading.Take).OfType<PodLogLine>();

    private LogConnection Connect(LogReading reading, bool follow, bool previous) =>
        new(token => api.OpenLog(reading.Pod.Value, reading.Since, follow, previous, token), time);

    /// <summary>What comes next of a connection; null at its end, and where nothing is waited for any more.</summary>
    private static async Task<IReadOnlyList<StampedLine>?> Next(LogConnection connection, TimeSpan silence, CancellationToken end)
    {
        try
        {
            return await connection.Next(silence, end);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return null;
        }
    }

    private void Ended(LogReading reading, LogConnection connection)
    {
        reading.End(connection);
        if (connection.WasOpen)
            denials.Over();
        if (
            connection.Failure is HttpRequestException { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden } denied
            && denials.Failed()
        )
            LogDenied(logger, denied.Message);
        else if (connection.Failure is { } failure)
            LogBroken(logger, failure, reading.Pod);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private ContainerRun? RunOf(PodName pod) =>
        table.Find(pod) is { Seen.Phase: not PodPhase.Ended } there ? ContainerRun.Of(there.Pod) : null;

    /// <summary>The number of a pod's present run, by the server itself where it answers: the table may not have heard of it yet.</summary>
    private async Task<int> Newest(PodName pod, CancellationToken end)
    {
        var known = RunOf(pod)?.Number ?? 0;
        try
        {
            return await api.Read(pod.Value, end) is { } now ? Math.Max(known, ContainerRun.Of(now).Number) : known;
        }
        catch (Exception e)
        {
            LogBroken(logger, e, pod);
            return known;
        }
    }

    /// <summary>Completes when a pod is at another run, or gone.</summary>
    private async Task OtherRun(PodName pod, DeploymentName deployment, ContainerRun run, CancellationToken end)
    {
        try
        {
            await foreach (var pods in table.Watch(deployment, end))
            {
                if (RunOf(pod) != run)
                    return;
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Who waits sees it.
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "What pods write is not read: the silo's account needs the right to get pods/log. {Why}"
    )]
    private static partial void LogDenied(ILogger logger, string why);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The output of pod {Pod} broke off; it is taken up where it broke")]
    private static partial void LogBroken(ILogger logger, Exception exception, PodName pod);
}
