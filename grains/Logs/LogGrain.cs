using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Live;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes;
using DeployCard.Grains.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Placement;
using Orleans.Storage;

namespace DeployCard.Grains.Logs;

// By load figures, which are a second old, all that come at once would go to one silo.
[RandomPlacement]
internal sealed partial class LogGrain(
    [PersistentState("logNumbers")] IPersistentState<LogNumbers> numbers,
    ILogStore store,
    IOptions<LogOptions> options,
    IHostApplicationLifetime lifetime,
    LogMetrics metrics,
    TimeProvider time,
    ILogger<LogGrain> logger
) : Grain, ILogGrain
{
    /// <summary>Chunks that a slow reader may be behind before lines are left out for it.</summary>
    private const int FeedCapacity = 256;

    private const int BlocksAtOnce = 16;

    /// <summary>The most in a block, in bytes: what is written at once takes several times as much memory meanwhile.</summary>
    private const int BlockBytes = 2 << 20;

    /// <summary>How long it does not try to reserve numbers again: each try may hold lines up for as long as storage waits.</summary>
    private static readonly TimeSpan StoragePause = TimeSpan.FromSeconds(5);

    // As bytes they are read within bounds in bytes: an escape would make six of a letter's two.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly LogHistory history = new(options.Value);
    private readonly LiveFeed<LogChunk> feed = new(FeedCapacity, lifetime.ApplicationStopping);

    // The first numbers of the blocks in storage, oldest first.
    private readonly List<long> blocks = [];

    // Up to this number lines are in storage. Those that go from the history before they come there never do.
    private long stored;

    private bool hasReserved;
    private DateTimeOffset reserveAt;

    private DeploymentName Deployment => DeploymentName.Parse(this.GetPrimaryKeyString());

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        foreach (var block in await store.ReadNewest(Deployment, options.Value.MaxBytes * 2, cancellationToken))
        {
            blocks.Add(block.FirstSequence);
            foreach (var line in JsonSerializer.Deserialize<LogLine[]>(block.Payload) ?? [])
                history.Add(line);
        }

        stored = history.Next - 1;
        numbers.State = numbers.State.TakenOver(history.Next);
        history.SkipTo(numbers.State.Reserved + 1);
        this.RegisterGrainTimer(Store, options.Value.FlushInterval, options.Value.FlushInterval);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        feed.BreakOff();
        await Store(cancellationToken);
        await Release(cancellationToken);
    }

    public async Task Append(PodName pod, IReadOnlyList<PodLogLine> lines)
    {
        await Reserve(lines.Count);
        var numbered = lines.Select((line, i) => new LogLine(history.Next + i, line.At, pod, line.Stream, line.Text)).ToList();
        numbered.ForEach(history.Add);
        feed.Publish(new(numbered));
        metrics.Came(Deployment, lines);
    }

    public Task<IReadOnlyList<LogLine>> Read(LogQuery query) => Task.FromResult(history.Find(query));

    public Task<LogChunk> Find(LogQuery query) => Task.FromResult(History(query, null));

    public async IAsyncEnumerable<LogChunk> Tail(LogQuery query, long? seen, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = 0L;
        await foreach (var chunk in feed.Watch(() => new([History(query, seen)]), cancellationToken))
        {
            if (next == 0)
            {
                next = chunk.Through + 1;
                yield return chunk;
                continue;
            }

            // The feed drops the oldest chunks of a slow reader: the gap in the numbers tells how many lines that were.
            var droppedLines = Math.Max(0, chunk.Lines[0].Sequence - next);
            next = Math.Max(next, chunk.Lines[^1].Sequence + 1);
            var lines = chunk.Lines.Where(query.Fits).ToList();
            if (lines.Count > 0 || droppedLines > 0)
                yield return new(lines, droppedLines, next - 1);
        }
    }

    public async Task Clear(CancellationToken cancellationToken)
    {
        history.Clear();
        stored = history.Next - 1;
        blocks.Clear();
        await store.DeleteBefore(Deployment, long.MaxValue, cancellationToken);
    }

    public async Task Remove(CancellationToken cancellationToken)
    {
        await Clear(cancellationToken);
        await numbers.ClearStateAsync(cancellationToken);
        hasReserved = false;
        feed.Complete();
        DeactivateOnIdle();
    }

    private LogChunk History(LogQuery query, long? seen)
    {
        if (seen is not { } last)
            return new(history.Find(query), 0, history.Next - 1);
        // Numbers that were given while none could be reserved may have gone with their silo: what comes now is new to the reader.
        last = Math.Min(last, history.Next - 1);
        var lines = history.Find(query with { Last = int.MaxValue, After = Math.Max(last, query.After ?? 0) });
        return new(lines, numbers.State.Between(last, history.First), history.Next - 1);
    }

    /// <summary>Sees to it that the numbers of so many lines are nobody else's. Where that cannot be stored, lines are shown nevertheless.</summary>
    private async Task Reserve(int lines)
    {
        if (history.Next + lines - 1 <= numbers.State.Reserved || time.GetUtcNow() < reserveAt)
            return;
        try
        {
            await SetNumbers(numbers.State.For(history.Next, lines), CancellationToken.None);
            hasReserved = true;
        }
        catch (InconsistentStateException)
        {
            // Another activation has written: this one is not the log's any more.
            feed.BreakOff();
            DeactivateOnIdle();
            throw;
        }
        catch (Exception e)
        {
            reserveAt = time.GetUtcNow() + StoragePause;
            LogNotReserved(logger, Deployment, e.Message);
        }
    }

    private async Task Release(CancellationToken cancellationToken)
    {
        if (!hasReserved)
            return;
        try
        {
            await SetNumbers(numbers.State.UpTo(history.Next), cancellationToken);
        }
        catch (Exception e)
        {
            // They are left out.
            LogNotReserved(logger, Deployment, e.Message);
        }
    }

    private async Task SetNumbers(LogNumbers next, CancellationToken cancellationToken)
    {
        var before = numbers.State;
        try
        {
            numbers.State = next;
            await numbers.WriteStateAsync(cancellationToken);
        }
        catch
        {
            numbers.State = before;
            throw;
        }
    }

    private async Task Store(CancellationToken cancellationToken)
    {
        try
        {
            while (history.After(stored, BlockBytes) is { Count: > 0 } lines)
            {
                await store.Append(
                    Deployment,
                    new(lines[0].Sequence, lines.Count, JsonSerializer.SerializeToUtf8Bytes(lines, Json)),
                    cancellationToken
                );
                stored = lines[^1].Sequence;
                blocks.Add(lines[0].Sequence);
                await Trim(cancellationToken);
            }
        }
        catch (Exception e)
        {
            var (level, lines) = (StorageHealth.Level(e, LogLevel.Warning), history.CountAfter(stored));
            LogNotStored(logger, level, e, Deployment, lines);
        }
    }

    private async Task Trim(CancellationToken cancellationToken)
    {
        // A block goes when none of its lines is kept; and not each at once, for a delete now and then is cheaper.
        var oldest = blocks.FindLastIndex(first => first <= history.First);
        if (oldest < BlocksAtOnce && (oldest < 1 || blocks[oldest] - blocks[0] < options.Value.MaxLines / 4))
            return;
        await store.DeleteBefore(Deployment, blocks[oldest], cancellationToken);
        blocks.RemoveRange(0, oldest);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Numbers of log lines of deployment {Deployment} could not be stored: {Reason}")]
    private static partial void LogNotReserved(ILogger logger, DeploymentName deployment, string reason);

    [LoggerMessage(Message = "{Lines} log lines of deployment {Deployment} could not be stored yet")]
    private static partial void LogNotStored(ILogger logger, LogLevel level, Exception exception, DeploymentName deployment, int lines);
}
