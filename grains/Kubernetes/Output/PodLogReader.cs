using System.Runtime.CompilerServices;
using DeployCard.Common.Retry;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;

namespace DeployCard.Kubernetes.Output;

/// <summary>
/// Reads the output of one pod, from the last line in its log to the removal of the pod, across restarts and broken connections.
/// </summary>
/// <remarks>
/// The log API does not say to which container run a connection belongs, and the restart count of the API server lags behind the node. A
/// connection that repeats no known line may therefore belong to a later run. In that case the previous run is read first.
/// </remarks>
internal sealed class PodLogReader(
    PodLogApi api,
    ContainerRuns runs,
    LogReadFailures failures,
    IPodLogCheckpoint checkpoint,
    TimeProvider time
)
{
    // The current run must not wait forever for a previous run that cannot be read.
    private const int MaxPreviousRunTries = 5;

    private static readonly Backoff ReconnectDelay = Backoff.Exponential(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));

    // Existing lines arrive immediately.
    private static readonly TimeSpan FirstSilence = TimeSpan.FromSeconds(1);

    // A silent connection is replaced, because it may be dead or the node may have rotated its file. A node checks every ten seconds
    // whether to rotate a file, so a connection that is opened sooner misses no line of the next file. The connections of pods that stay
    // silent are replaced less often.
    private static readonly Backoff Silence = Backoff.Exponential(TimeSpan.FromSeconds(7), TimeSpan.FromMinutes(2));

    /// <summary>Yields all lines that are not in the log of the pod yet, as they arrive.</summary>
    /// <param name="pod">The name of the pod.</param>
    /// <param name="deployment">The deployment that owns the pod.</param>
    /// <param name="removed">Token that is canceled some time after the removal of the pod, when no further lines are expected.</param>
    /// <param name="cancellationToken">Token that cancels the reading.</param>
    public async IAsyncEnumerable<PodLogLine> Read(
        PodName pod,
        DeploymentName deployment,
        CancellationToken removed,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(removed, cancellationToken);
        var reading = new LogReadState(
            pod,
            await checkpoint.ReadLastLineTimes(pod, deployment, LogCursor.MaxTimestamps, cancellationToken),
            time
        );
        // Number of consecutive connections without a new line, plus 1.
        var (tries, previousRunTries) = (1, 0);
        while (!end.IsCancellationRequested && runs.Find(pod) is { } run)
        {
            reading.ResetHasNewLines();
            await using var connection = Connect(reading, follow: !run.HasEnded, previous: false);
            await using var previous = Connect(reading, follow: false, previous: true);
            var requiresPrevious = ++previousRunTries < MaxPreviousRunTries;
            await foreach (
                var line in ReadCurrentRun(reading, connection, previous, requiresPrevious, Silence.DelayAfter(tries), end.Token)
            )
                yield return line;
            if (previous.Failure is null)
                previousRunTries = 0;
            if (run.HasEnded && connection.IsComplete)
            {
                // The run had ended before the request, so this was its complete log, including an unterminated last line.
                // There is nothing to read until the next run.
                foreach (var line in reading.FlushUnterminatedLine())
                    yield return line;
                reading.CompleteRuns(run.RestartCount);
                await runs.WaitForOther(pod, deployment, run, end.Token);
                continue;
            }

            // Either the run or only the connection has ended. The next connection shows which.
            tries = reading.HasNewLines ? 1 : tries + 1;
            await Task.Delay(ReconnectDelay.DelayAfter(tries), time, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellationToken.ThrowIfCancellationRequested();
        foreach (var line in reading.FlushUnterminatedLine())
            yield return line;
    }

    /// <summary>
    /// Yields the new lines of a connection. If the connection repeats no line of an earlier connection, the new lines of the previous run
    /// come first.
    /// </summary>
    private async IAsyncEnumerable<PodLogLine> ReadCurrentRun(
        LogReadState reading,
        LogConnection connection,
        LogConnection previous,
        bool requiresPrevious,
        TimeSpan silence,
        [EnumeratorCancellation] CancellationToken end
    )
    {
        reading.BeginConnection();
        var isAligned = false;
        var isOpen = true;
        while (isOpen)
        {
            var lines = await Next(
                connection,
                !isAligned ? FirstSilence
                    : reading.HasNewLines ? Silence.Initial
                    : silence,
                end
            );
            var isSilent = isAligned && lines is [];
            isOpen = lines is not null && !isSilent;
            if (isSilent)
            {
                connection.Abandon();
                reading.AbandonConnection();
            }

            var known = isAligned ? 0 : (lines ?? []).TakeWhile(line => !reading.IsNew(line)).Count();
            foreach (var line in AcceptAll(reading, (lines ?? []).Take(known)))
                yield return line;
            if (!isAligned && (lines is null or [] || known < lines.Count))
            {
                if (!reading.HasOverlap)
                {
                    foreach (var line in reading.FlushRotatedFile())
                        yield return line;
                    await foreach (var line in ReadPreviousRun(reading, previous, end))
                        yield return line;
                    if (!previous.IsComplete && requiresPrevious)
                        yield break;
                    // The lines of this connection are now compared with those of the previous run, too.
                    reading.BeginConnection();
                }

                isAligned = true;
            }

            foreach (var line in AcceptAll(reading, (lines ?? []).Skip(known)))
                yield return line;
        }

        OnConnectionEnded(reading, connection);
    }

    /// <summary>Yields the new lines of the previous run.</summary>
    private async IAsyncEnumerable<PodLogLine> ReadPreviousRun(
        LogReadState reading,
        LogConnection previous,
        [EnumeratorCancellation] CancellationToken end
    )
    {
        reading.BeginConnection();
        var number = await runs.GetCurrentNumber(reading.Pod, end) - 1;
        var gap = default(PodLogLine);
        var isBegun = false;
        while (await Next(previous, Silence.Max, end) is { Count: > 0 } lines)
        {
            foreach (var line in lines)
            {
                if (!isBegun && reading.IsNew(line))
                {
                    isBegun = true;
                    if ((gap = reading.CreateGapNotice(number)) is not null)
                        yield return gap;
                }

                if (reading.Accept(line) is { } taken)
                    yield return taken;
            }
        }

        OnConnectionEnded(reading, previous);
        if (!previous.IsComplete)
            yield break;
        if (!isBegun && (gap = reading.CreateGapNotice(number)) is not null)
            yield return gap;
        foreach (var line in reading.FlushUnterminatedLine())
            yield return line;
        reading.CompleteRuns(number);
    }

    private static IEnumerable<PodLogLine> AcceptAll(LogReadState reading, IEnumerable<TimestampedLine> lines) =>
        lines.Select(reading.Accept).OfType<PodLogLine>();

    private LogConnection Connect(LogReadState reading, bool follow, bool previous) =>
        new(token => api.Open(reading.Pod.Value, reading.Since, follow, previous, token), time);

    /// <summary>Returns the next lines of a connection; null at its end or once <paramref name="end"/> is canceled.</summary>
    private static async Task<IReadOnlyList<TimestampedLine>?> Next(LogConnection connection, TimeSpan silence, CancellationToken end)
    {
        try
        {
            return await connection.ReadNext(silence, end);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return null;
        }
    }

    private void OnConnectionEnded(LogReadState reading, LogConnection connection)
    {
        reading.EndConnection(connection);
        failures.Log(reading.Pod, connection);
    }
}
