using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;
using DeployCard.Grains.Tests.Support;

namespace DeployCard.Grains.Tests.Logs;

/// <summary>The history of a log and its live stream.</summary>
public sealed class LogGrainTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    private static readonly PodName Pod = new("pod-1");

    [Fact]
    public async Task Lines_keep_their_order_and_are_found_by_text_pod_and_number()
    {
        var log = Log();
        await log.Append(Pod, Lines("one", "two Needle", "three"));
        await log.Append(new("pod-2"), Lines("needle of another pod"));

        (await log.Read(new())).Select(l => l.Sequence).ShouldBe([1, 2, 3, 4]);
        (await log.Read(new(Search: "needle"))).Select(l => l.Text).ShouldBe(["two Needle", "needle of another pod"]);
        (await log.Read(new(Pod: "pod-2"))).Single().Sequence.ShouldBe(4);
        (await log.Read(new(After: 1, Before: 4))).Select(l => l.Text).ShouldBe(["two Needle", "three"]);
        (await log.Read(new(Last: 1))).Single().Sequence.ShouldBe(4);
    }

    [Fact]
    public async Task Only_the_newest_lines_are_kept()
    {
        var log = Log();
        for (var i = 0; i < 110; i++)
            await log.Append(Pod, Lines([.. Enumerable.Range(i * 100, 100).Select(n => $"{n}")]));
        var kept = await log.Read(new(Last: 100_000));
        kept.Count.ShouldBe(10_000);
        kept[^1].Text.ShouldBe("10999");
        kept[0].Text.ShouldBe("1000");
    }

    [Fact]
    public async Task Live_stream_continues_the_history_without_gap_or_duplicate()
    {
        var log = Log();
        await log.Append(Pod, Lines("old 1", "old 2"));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var writing = Write(log, end.Token);
        var seen = new List<long>();
        await foreach (var chunk in log.Tail(new(), null, Token))
        {
            chunk.DroppedLines.ShouldBe(0);
            seen.AddRange(chunk.Lines.Select(l => l.Sequence));
            if (seen.Count > 200)
                break;
        }

        await end.CancelAsync();
        await writing;
        seen.ShouldBe(Enumerable.Range(1, seen.Count).Select(n => (long)n));
    }

    [Fact]
    public async Task Slow_reader_gets_the_number_of_dropped_lines()
    {
        var log = Log();
        await log.Append(Pod, Lines("first"));
        await using var tail = log.Tail(new(), null, Token).GetAsyncEnumerator(Token);
        (await tail.MoveNextAsync()).ShouldBeTrue();
        long seen = tail.Current.Lines.Count;
        long droppedLines = 0;
        for (var i = 0; i < 2_000; i++)
            await log.Append(Pod, Lines($"{i}"));
        while (seen + droppedLines < 2_001 && await tail.MoveNextAsync())
        {
            seen += tail.Current.Lines.Count;
            droppedLines += tail.Current.DroppedLines;
        }

        droppedLines.ShouldBeGreaterThan(0);
        (seen + droppedLines).ShouldBe(2_001);
    }

    [Fact]
    public async Task Cleared_log_is_empty()
    {
        var log = Log();
        await log.Append(Pod, Lines("cleared soon"));
        await log.Clear(Token);
        (await log.Read(new())).ShouldBeEmpty();
    }

    private static async Task Write(ILogGrain log, CancellationToken end)
    {
        // Fewer chunks than the buffer of a reader holds.
        for (var i = 0; i < 250 && !end.IsCancellationRequested; i++)
            await log.Append(Pod, Lines($"new {i}"));
    }

    private static List<PodLogLine> Lines(params string[] texts) =>
        [.. texts.Select(text => new PodLogLine(DateTimeOffset.UnixEpoch, LogStream.Stdout, text))];

    private ILogGrain Log() => Silos.Grains.GetGrain<ILogGrain>(NewName());
}
