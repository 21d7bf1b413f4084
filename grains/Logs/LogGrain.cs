using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Live;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace DeployCard.Grains.Logs;

// By load figures, which are a second old, all that come at once would go to one silo.
[RandomPlacement]
internal sealed partial class LogGrain(ILogStore store, IOptions<LogOptions> options, IHostApplicationLifetime lifetime, ILogger<LogGrain> logger) : Grain, ILogGrain
{
    /// <summary>Chunks that a slow reader may be behind before lines are left out for it.</summary>
    private const int FeedCapacity = 256;

    private const int BlocksAtOnce = 16;

    // As bytes they are read within bounds in bytes: an escape would make six of a letter's two.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly LogHistory history = new(options.Value);
    private readonly LiveFeed<LogChunk> feed = new(FeedCapacity, lifetime.ApplicationStopping);
    private readonly List<LogLine> unstored = [];

    // The first numbers of the blocks in storage, oldest first.
    private readonly List<long> blocks = [];

    private DeploymentName Deployment => DeploymentName.Parse(this.GetPrimaryKeyString());

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        foreach (var block in await store.ReadNewest(Deployment, options.Value.MostBytes * 2, cancellationToken))
        {
            blocks.Add(block.FirstSequence);
            foreach (var line in JsonSerializer.Deserialize<LogLine[]>(block.Payload) ?? [])
                history.Add(line);
        }

        this.RegisterGrainTimer(Store, options.Value.StorePeriod, options.Value.StorePeriod);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        feed.Complete();
        await Store(cancellationToken);
    }

    public Task Append(PodName pod, IReadOnlyList<PodLogLine> lines)
    {
        var numbered = lines.Select((line, i) => new LogLine(history.Next + i, line.At, pod, line.Stream, line.Text)).ToList();
        numbered.ForEach(history.Add);
        unstored.AddRange(numbered);
        feed.Publish(new(numbered));
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<LogLine>> Read(LogQuery query) => Task.FromResult(history.Find(query));

    public async IAsyncEnumerable<LogChunk> Tail(LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = 0L;
        await foreach (var chunk in feed.Watch(Begin, cancellationToken))
        {
            // The feed drops the oldest chunks of a slow reader: the gap in the numbers tells how many lines that were.
            var leftOut = Math.Max(0, chunk.Lines[0].Sequence - next);
            next = Math.Max(next, chunk.Lines[^1].Sequence + 1);
            var lines = chunk.Lines.Where(query.Fits).ToList();
            if (lines.Count > 0 || leftOut > 0)
                yield return new(lines, leftOut);
        }

        ValueTask<IEnumerable<LogChunk>> Begin()
        {
            var lines = history.Find(query);
            next = history.Next;
            return new(lines.Count == 0 ? [] : [new LogChunk(lines)]);
        }
    }

    public async Task Clear(CancellationToken cancellationToken)
    {
        history.Clear();
        unstored.Clear();
        blocks.Clear();
        await store.DeleteBefore(Deployment, long.MaxValue, cancellationToken);
    }

    private async Task Store(CancellationToken cancellationToken)
    {
        if (unstored.Count == 0)
            return;
        try
        {
            var lines = unstored.ToArray();
            await store.Append(Deployment, new(lines[0].Sequence, lines.Length, JsonSerializer.SerializeToUtf8Bytes(lines, Json)), cancellationToken);
            unstored.RemoveRange(0, lines.Length);
            blocks.Add(lines[0].Sequence);
            await Trim(cancellationToken);
        }
        catch (Exception e)
        {
            LogNotStored(logger, e, Deployment, unstored.Count);
            if (unstored.Count > options.Value.MostLines)
                unstored.RemoveRange(0, unstored.Count - options.Value.MostLines);
        }
    }

    private async Task Trim(CancellationToken cancellationToken)
    {
        // A block goes when none of its lines is kept; and not each at once, for a delete now and then is cheaper.
        var oldest = blocks.FindLastIndex(first => first <= history.First);
        if (oldest < BlocksAtOnce && (oldest < 1 || blocks[oldest] - blocks[0] < options.Value.MostLines / 4))
            return;
        await store.DeleteBefore(Deployment, blocks[oldest], cancellationToken);
        blocks.RemoveRange(0, oldest);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Lines} log lines of deployment {Deployment} could not be stored yet")]
    private static partial void LogNotStored(ILogger logger, Exception exception, DeploymentName deployment, int lines);
}
