using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DeployCard.Client.Logs;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;

namespace DeployCard.Grains.Tests.Logs;

/// <summary>Several readers of one shared log stream, including slow readers and a stream that restarts.</summary>
public sealed class SharedLogStreamTests
{
    private readonly Channel<LogChunk> stream = Channel.CreateUnbounded<LogChunk>();
    private readonly TaskCompletionSource<bool> streamClosed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_reader_gets_every_line_after_its_history_once()
    {
        using var tail = await Begin(through: 10);
        var (early, late) = (tail.TrySubscribe()!, tail.TrySubscribe()!);
        early.SkipThrough(10);
        // The reader read its history shortly after it had subscribed.
        late.SkipThrough(13);

        await Write(11, 5);
        await Write(16, 2);

        (await ReadChunks(early, 2)).ShouldBe(["11 12 13 14 15 (0)", "16 17 (0)"]);
        (await ReadChunks(late, 2)).ShouldBe(["14 15 (0)", "16 17 (0)"]);
    }

    [Fact]
    public async Task Reader_gets_only_lines_that_match_its_query()
    {
        using var tail = await Begin(through: 0);
        var reader = tail.TrySubscribe()!;

        await Write(1, 30);

        (await ReadChunks(reader, 1, new(Search: "line 2"))).ShouldBe(["2 20 21 22 23 24 25 26 27 28 29 (0)"]);
    }

    [Fact]
    public async Task Slow_reader_gets_the_number_of_dropped_lines_and_others_miss_none()
    {
        using var tail = await Begin(through: 0);
        var (slow, quick) = (tail.TrySubscribe()!, tail.TrySubscribe()!);

        for (var i = 0; i < 1000; i++)
        {
            var first = 1 + (2 * i);
            await Write(first, 2);
            (await ReadChunks(quick, 1)).ShouldBe([$"{first} {first + 1} (0)"]);
        }

        var chunks = await ReadChunks(slow, 256);
        chunks[0].ShouldBe("1489 1490 (1488)");
        chunks[1..].ShouldAllBe(chunk => chunk.EndsWith("(0)"));
        chunks[^1].ShouldBe("1999 2000 (0)");
    }

    [Fact]
    public async Task Lines_missed_by_the_stream_are_reported_to_readers_without_them_in_their_history()
    {
        using var tail = await Begin(through: 10);
        var (early, late) = (tail.TrySubscribe()!, tail.TrySubscribe()!);
        early.SkipThrough(10);
        late.SkipThrough(100);

        await stream.Writer.WriteAsync(Chunk(90, 3) with { DroppedLines = 79 }, Token);
        await Write(101, 1);

        (await ReadChunks(early, 2)).ShouldBe(["90 91 92 (79)", "101 (0)"]);
        (await ReadChunks(late, 1)).ShouldBe(["101 (0)"]);
    }

    [Fact]
    public async Task Lines_with_repeated_numbers_are_delivered()
    {
        using var tail = await Begin(through: 10);
        var reader = tail.TrySubscribe()!;
        reader.SkipThrough(10);
        await Write(11, 2);
        (await ReadChunks(reader, 1)).ShouldBe(["11 12 (0)"]);

        await stream.Writer.WriteAsync(Chunk(8, 2), Token);
        await Write(10, 1);

        (await ReadChunks(reader, 2)).ShouldBe(["8 9 (0)", "10 (0)"]);
    }

    [Fact]
    public async Task Stream_ends_with_its_last_reader_and_accepts_no_further_ones()
    {
        using var tail = await Begin(through: 0);
        var (first, second) = (tail.TrySubscribe()!, tail.TrySubscribe()!);

        tail.Unsubscribe(first).ShouldBeFalse();
        streamClosed.Task.IsCompleted.ShouldBeFalse();
        tail.Unsubscribe(second).ShouldBeTrue();
        tail.TrySubscribe().ShouldBeNull();
        tail.Dispose();

        (await streamClosed.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task Removal_of_the_log_ends_all_readers()
    {
        using var ended = await Begin(through: 0);
        var reader = ended.TrySubscribe()!;
        stream.Writer.Complete();
        (await ReadChunks(reader, 1)).ShouldBeEmpty();
        ended.TrySubscribe().ShouldBeNull();
    }

    [Fact]
    public async Task Failure_of_the_stream_is_thrown_to_all_readers()
    {
        using var failed = await Begin(through: 0);
        var (first, second) = (failed.TrySubscribe()!, failed.TrySubscribe()!);

        stream.Writer.Complete(new InvalidOperationException("a bug"));

        (await Should.ThrowAsync<InvalidOperationException>(() => ReadChunks(first, 1))).Message.ShouldBe("a bug");
        (await Should.ThrowAsync<InvalidOperationException>(() => ReadChunks(second, 1))).Message.ShouldBe("a bug");
    }

    private async Task<SharedLogStream> Begin(long through)
    {
        await stream.Writer.WriteAsync(new([], 0, through), Token);
        var tail = new SharedLogStream((_, token) => Stream(token));
        await tail.Started.WaitAsync(Token);
        return tail;
    }

    private async IAsyncEnumerable<LogChunk> Stream([EnumeratorCancellation] CancellationToken token)
    {
        try
        {
            await foreach (var chunk in stream.Reader.ReadAllAsync(token))
                yield return chunk;
        }
        finally
        {
            streamClosed.TrySetResult(token.IsCancellationRequested);
        }
    }

    private async Task Write(long first, int count) => await stream.Writer.WriteAsync(Chunk(first, count), Token);

    private static LogChunk Chunk(long first, int count)
    {
        var lines = Enumerable
            .Range(0, count)
            .Select(i => new LogLine(first + i, DateTimeOffset.UnixEpoch, new PodName("pod"), LogStream.Stdout, $"line {first + i}"))
            .ToList();
        return new(lines, 0, first + count - 1);
    }

    /// <summary>
    /// Returns, for each of the next chunks, the sequence numbers of its lines and the number of lines dropped before it.
    /// </summary>
    private static async Task<List<string>> ReadChunks(SharedLogReader reader, int chunks, LogQuery? query = null)
    {
        var read = new List<string>();
        await foreach (var chunk in reader.Read(query ?? new(), Token))
        {
            read.Add($"{string.Join(' ', chunk.Lines.Select(line => line.Sequence))} ({chunk.DroppedLines})");
            if (read.Count == chunks)
                break;
        }

        return read;
    }
}
