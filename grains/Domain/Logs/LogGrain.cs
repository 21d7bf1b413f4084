using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using DeployCard.Common.Live;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;
using DeployCard.Contracts.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Placement;
using Orleans.Storage;

namespace DeployCard.Domain.Logs;

// Random, because resource-optimized placement uses load statistics that are a second old: it would place a burst of activations on one
// silo.
[RandomPlacement]
internal sealed class LogGrain(
    [PersistentState("logNumbers")] IPersistentState<SequenceReservation> reservation,
    ILogStore store,
    IOptions<LogOptions> options,
    IHostApplicationLifetime lifetime,
    LogMetrics metrics,
    TimeProvider time,
    ILogger<LogGrain> logger
) : Grain, ILogGrain
{
    /// <summary>Maximum number of chunks buffered for a slow reader. If the buffer is full, the oldest chunks are dropped.</summary>
    private const int BroadcasterCapacity = 256;

    /// <summary>Maximum number of obsolete blocks that accumulate before they are deleted.</summary>
    private const int MaxObsoleteBlocks = 16;

    /// <summary>Maximum size of a block in bytes. Writing a block temporarily takes several times as much memory.</summary>
    private const int MaxBlockBytes = 2 << 20;

    /// <summary>Delay before the next attempt to reserve sequence numbers. Each attempt may block lines until storage times out.</summary>
    private static readonly TimeSpan ReservationBackoff = TimeSpan.FromSeconds(5);

    // Blocks are limited in bytes, and the default encoder would escape a two-byte letter as six bytes.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly LogHistory history = new(options.Value);
    private readonly Broadcaster<LogChunk> broadcaster = new(BroadcasterCapacity, lifetime.ApplicationStopping);

    // First sequence numbers of the blocks in storage, oldest first.
    private readonly List<long> blocks = [];

    // Lines up to this sequence number are stored. Lines that leave the history before a flush are never stored.
    private long storedThrough;

    private bool hasReserved;
    private DateTimeOffset nextReservationAt;

    private DeploymentName Deployment => DeploymentName.Parse(this.GetPrimaryKeyString());

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        foreach (var block in await store.ReadNewest(Deployment, options.Value.MaxBytes * 2, cancellationToken))
        {
            blocks.Add(block.FirstSequence);
            foreach (var line in JsonSerializer.Deserialize<LogLine[]>(block.Payload) ?? [])
                history.Add(line);
        }

        storedThrough = history.NextSequence - 1;
        reservation.State = reservation.State.Recover(history.NextSequence);
        history.SkipTo(reservation.State.Reserved + 1);
        this.RegisterGrainTimer(Store, options.Value.FlushInterval, options.Value.FlushInterval);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        broadcaster.Abort();
        await Store(cancellationToken);
        await Release(cancellationToken);
    }

    public async Task Append(PodName pod, IReadOnlyList<PodLogLine> lines)
    {
        await Reserve(lines.Count);
        var numbered = lines.Select((line, i) => new LogLine(history.NextSequence + i, line.At, pod, line.Stream, line.Text)).ToList();
        numbered.ForEach(history.Add);
        broadcaster.Publish(new(numbered));
        metrics.RecordLines(Deployment, lines);
    }

    public Task<IReadOnlyList<LogLine>> Read(LogQuery query) => Task.FromResult(history.Find(query));

    public Task<LogChunk> ReadChunk(LogQuery query) => Task.FromResult(History(query, null));

    public async IAsyncEnumerable<LogChunk> Tail(LogQuery query, long? seen, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = 0L;
        await foreach (var chunk in broadcaster.Subscribe(() => new([History(query, seen)]), cancellationToken))
        {
            if (next == 0)
            {
                next = chunk.Through + 1;
                yield return chunk;
                continue;
            }

            // The broadcaster drops the oldest chunks of a slow reader. The gap in the sequence numbers is the number of dropped lines.
            var droppedLines = Math.Max(0, chunk.Lines[0].Sequence - next);
            next = Math.Max(next, chunk.Lines[^1].Sequence + 1);
            var lines = chunk.Lines.Where(query.Matches).ToList();
            if (lines.Count > 0 || droppedLines > 0)
                yield return new(lines, droppedLines, next - 1);
        }
    }

    public async Task Clear(CancellationToken cancellationToken)
    {
        history.Clear();
        storedThrough = history.NextSequence - 1;
        blocks.Clear();
        await store.DeleteBefore(Deployment, long.MaxValue, cancellationToken);
    }

    public async Task Remove(CancellationToken cancellationToken)
    {
        await Clear(cancellationToken);
        await reservation.ClearStateAsync(cancellationToken);
        hasReserved = false;
        broadcaster.Complete();
        DeactivateOnIdle();
    }

    private LogChunk History(LogQuery query, long? seen)
    {
        if (seen is not { } last)
            return new(history.Find(query), 0, history.NextSequence - 1);
        // Sequence numbers assigned without a reservation may be lost with their silo and then be assigned again, to lines new to the
        // reader.
        last = Math.Min(last, history.NextSequence - 1);
        var lines = history.Find(query with { Last = int.MaxValue, After = Math.Max(last, query.After ?? 0) });
        return new(lines, reservation.State.CountBetween(last, history.FirstSequence), history.NextSequence - 1);
    }

    /// <summary>
    /// Reserves sequence numbers for the given number of lines. If the reservation cannot be stored, lines are accepted nevertheless.
    /// </summary>
    private async Task Reserve(int lines)
    {
        if (history.NextSequence + lines - 1 <= reservation.State.Reserved || time.GetUtcNow() < nextReservationAt)
            return;
        try
        {
            await WriteReservation(reservation.State.Reserve(history.NextSequence, lines), CancellationToken.None);
            hasReserved = true;
        }
        catch (InconsistentStateException)
        {
            // Another activation has written the state, so this one is obsolete.
            broadcaster.Abort();
            DeactivateOnIdle();
            throw;
        }
        catch (Exception e)
        {
            nextReservationAt = time.GetUtcNow() + ReservationBackoff;
            logger.LogReservationFailed(Deployment, e.Message);
        }
    }

    private async Task Release(CancellationToken cancellationToken)
    {
        if (!hasReserved)
            return;
        try
        {
            await WriteReservation(reservation.State.Release(history.NextSequence), cancellationToken);
        }
        catch (Exception e)
        {
            // The next activation skips the unused numbers.
            logger.LogReservationFailed(Deployment, e.Message);
        }
    }

    private async Task WriteReservation(SequenceReservation next, CancellationToken cancellationToken)
    {
        var before = reservation.State;
        try
        {
            reservation.State = next;
            await reservation.WriteStateAsync(cancellationToken);
        }
        catch
        {
            reservation.State = before;
            throw;
        }
    }

    private async Task Store(CancellationToken cancellationToken)
    {
        try
        {
            while (history.ReadAfter(storedThrough, MaxBlockBytes) is { Count: > 0 } lines)
            {
                await store.Append(
                    Deployment,
                    new(lines[0].Sequence, lines.Count, JsonSerializer.SerializeToUtf8Bytes(lines, Json)),
                    cancellationToken
                );
                storedThrough = lines[^1].Sequence;
                blocks.Add(lines[0].Sequence);
                await Trim(cancellationToken);
            }
        }
        catch (Exception e)
        {
            var (level, lines) = (StorageOutageTracker.LogLevelFor(e, LogLevel.Warning), history.CountAfter(storedThrough));
            logger.LogStoreFailed(level, e, Deployment, lines);
        }
    }

    private async Task Trim(CancellationToken cancellationToken)
    {
        // A block is obsolete when none of its lines is kept. Deleting several blocks at a time is cheaper.
        var oldest = blocks.FindLastIndex(first => first <= history.FirstSequence);
        if (oldest < MaxObsoleteBlocks && (oldest < 1 || blocks[oldest] - blocks[0] < options.Value.MaxLines / 4))
            return;
        await store.DeleteBefore(Deployment, blocks[oldest], cancellationToken);
        blocks.RemoveRange(0, oldest);
    }
}
