using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes;

namespace DeployCard.Grains.Tests.Logs;

/// <summary>Many who follow one log over one stream: what each is told, also where he is slow or the stream begins anew.</summary>
public sealed class SharedTailTests
{
    private readonly Channel<LogChunk> stream = Channel.CreateUnbounded<LogChunk>();
    private readonly TaskCompletionSource<bool> left = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_gets_what_comes_behind_his_history_once()
    {
        using var tail = await Begin(through: 10);
        var (early, late) = (tail.TryEnter()!, tail.TryEnter()!);
        early.Knows(10);
        // The history was read a moment after he had entered.
        late.Knows(13);

        await Write(11, 5);
        await Write(16, 2);

        (await Take(early, 2)).ShouldBe(["11 12 13 14 15 (0)", "16 17 (0)"]);
        (await Take(late, 2)).ShouldBe(["14 15 (0)", "16 17 (0)"]);
    }

    [Fact]
    public async Task Each_gets_only_what_he_asked_for()
    {
        using var tail = await Begin(through: 0);
        var reader = tail.TryEnter()!;

        await Write(1, 30);

        (await Take(reader, 1, new(Search: "line 2"))).ShouldBe(["2 20 21 22 23 24 25 26 27 28 29 (0)"]);
    }

    [Fact]
    public async Task One_who_is_slow_is_told_how_many_lines_he_missed_and_no_other_one_misses_any()
    {
        using var tail = await Begin(through: 0);
        var (slow, quick) = (tail.TryEnter()!, tail.TryEnter()!);

        for (var i = 0; i < 1000; i++)
        {
            var first = 1 + (2 * i);
            await Write(first, 2);
            (await Take(quick, 1)).ShouldBe([$"{first} {first + 1} (0)"]);
        }

        var chunks = await Take(slow, 256);
        chunks[0].ShouldBe("1489 1490 (1488)");
        chunks[1..].ShouldAllBe(chunk => chunk.EndsWith("(0)"));
        chunks[^1].ShouldBe("1999 2000 (0)");
    }

    [Fact]
    public async Task What_the_stream_itself_missed_is_told_to_all_who_did_not_read_it_from_the_history()
    {
        using var tail = await Begin(through: 10);
        var (early, late) = (tail.TryEnter()!, tail.TryEnter()!);
        early.Knows(10);
        late.Knows(100);

        await stream.Writer.WriteAsync(Chunk(90, 3) with { DroppedLines = 79 }, Token);
        await Write(101, 1);

        (await Take(early, 2)).ShouldBe(["90 91 92 (79)", "101 (0)"]);
        (await Take(late, 1)).ShouldBe(["101 (0)"]);
    }

    [Fact]
    public async Task Numbers_that_come_again_are_new_lines()
    {
        using var tail = await Begin(through: 10);
        var reader = tail.TryEnter()!;
        reader.Knows(10);
        await Write(11, 2);
        (await Take(reader, 1)).ShouldBe(["11 12 (0)"]);

        await stream.Writer.WriteAsync(Chunk(8, 2), Token);
        await Write(10, 1);

        (await Take(reader, 2)).ShouldBe(["8 9 (0)", "10 (0)"]);
    }

    [Fact]
    public async Task It_ends_with_the_last_one_and_nobody_enters_then()
    {
        using var tail = await Begin(through: 0);
        var (first, second) = (tail.TryEnter()!, tail.TryEnter()!);

        tail.Leave(first).ShouldBeFalse();
        left.Task.IsCompleted.ShouldBeFalse();
        tail.Leave(second).ShouldBeTrue();
        tail.TryEnter().ShouldBeNull();
        tail.Dispose();

        (await left.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task With_the_log_all_end()
    {
        using var ended = await Begin(through: 0);
        var reader = ended.TryEnter()!;
        stream.Writer.Complete();
        (await Take(reader, 1)).ShouldBeEmpty();
        ended.TryEnter().ShouldBeNull();
    }

    [Fact]
    public async Task A_failure_is_told_to_all()
    {
        using var failed = await Begin(through: 0);
        var (first, second) = (failed.TryEnter()!, failed.TryEnter()!);

        stream.Writer.Complete(new InvalidOperationException("a bug"));

        (await Should.ThrowAsync<InvalidOperationException>(() => Take(first, 1))).Message.ShouldBe("a bug");
        (await Should.ThrowAsync<InvalidOperationException>(() => Take(second, 1))).Message.ShouldBe("a bug");
    }

    private async Task<SharedTail> Begin(long through)
    {
        await stream.Writer.WriteAsync(new([], 0, through), Token);
        var tail = new SharedTail((_, token) => Stream(token));
        await tail.Begun.WaitAsync(Token);
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
            left.TrySetResult(token.IsCancellationRequested);
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

    /// <summary>The numbers of the lines of the next chunks, and how many were left out before them.</summary>
    private static async Task<List<string>> Take(TailReader reader, int chunks, LogQuery? query = null)
    {
        var taken = new List<string>();
        await foreach (var chunk in reader.Read(query ?? new(), Token))
        {
            taken.Add($"{string.Join(' ', chunk.Lines.Select(line => line.Sequence))} ({chunk.DroppedLines})");
            if (taken.Count == chunks)
                break;
        }

        return taken;
    }
}
