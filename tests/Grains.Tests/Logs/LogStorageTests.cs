using System.Diagnostics;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Logs;

/// <summary>Logs with small limits, on silos that a test may stop or crash.</summary>
public sealed class LogStorageTests()
    : OwnSilosTest(new TestSilos { Settings = { ["Logs:MaxLines"] = $"{MaxLines}", ["Logs:MaxBytes"] = $"{MaxBytes}" } })
{
    private const int MaxLines = 100;
    private const int MaxBytes = 64 * 1024;
    private static readonly PodName Pod = new("iris-1-abcde");

    private ILogGrain Log => Silos.Grains.GetGrain<ILogGrain>("iris");

    [Fact]
    public async Task Lines_survive_a_graceful_restart_and_numbers_continue()
    {
        await Write(1, 10);

        await Silos.Restart();

        await Write(11, 1);
        (await Kept()).Select(line => line.Text).ShouldBe(Enumerable.Range(1, 11).Select(n => $"line {n}"));
        (await Kept()).Select(line => line.Sequence).ShouldBe(Enumerable.Range(1, 11).Select(n => (long)n));
    }

    [Fact]
    public async Task Stored_lines_survive_a_crash()
    {
        await Write(1, 10);
        await Silos.Until(async () => await Silos.CountRows("LogBlock") == 1, Second);

        await Silos.Crash();

        (await Kept()).Count.ShouldBe(10);
    }

    [Fact]
    public async Task All_kept_lines_survive_a_crash_when_stored_in_several_blocks()
    {
        await Write(1, 90);
        await Silos.Until(async () => await Silos.CountRows("LogBlock") == 1, Second);
        await Write(91, 40);
        await Silos.Until(async () => await Silos.CountRows("LogBlock WHERE firstSequence = 91") == 1, Second);
        var kept = await Kept();
        kept.Count.ShouldBe(MaxLines);

        await Silos.Crash();

        (await Kept()).ShouldBe(kept);
    }

    [Fact]
    public async Task Numbers_of_lost_lines_are_not_reused_and_a_resuming_reader_misses_nothing()
    {
        await Write(1, 10);
        await Silos.Until(async () => await Silos.CountRows("LogBlock") == 1, Second);
        // Numbered, read and not yet stored.
        await Write(11, 5);
        var seen = (await Kept())[^1].Sequence;
        seen.ShouldBe(15);

        await Silos.Crash();

        await using var tail = Log.Tail(new(), seen, Token).GetAsyncEnumerator(Token);
        (await tail.MoveNextAsync()).ShouldBeTrue();
        tail.Current.Lines.ShouldBeEmpty();
        tail.Current.DroppedLines.ShouldBe(0);
        await Write(100, 1);
        (await tail.MoveNextAsync()).ShouldBeTrue();
        tail.Current.Lines.ShouldHaveSingleItem().Sequence.ShouldBeGreaterThan(seen);
        tail.Current.DroppedLines.ShouldBe(0);
        (await Kept()).Count.ShouldBe(11);
    }

    [Fact]
    public async Task Failed_reservation_delays_no_line_and_a_resuming_reader_misses_nothing()
    {
        await Silos.Restart(() => Silos.BusyTimeout = TimeSpan.FromMilliseconds(50));
        await Log.Read(new());
        await using (await Silos.LockStorage())
            await Write(1, 20);
        (await Kept()).Count.ShouldBe(20);

        // A reader that has seen a higher number than the log has assigned.
        await using var tail = Log.Tail(new(), 1_000_000, Token).GetAsyncEnumerator(Token);
        (await tail.MoveNextAsync()).ShouldBeTrue();
        tail.Current.Through.ShouldBe(20);
        await Write(21, 1);
        (await tail.MoveNextAsync()).ShouldBeTrue();
        tail.Current.Lines.ShouldHaveSingleItem().Text.ShouldBe("line 21");
    }

    [Fact]
    public async Task Resuming_reader_gets_all_kept_lines_and_the_number_of_trimmed_ones()
    {
        await Write(1, 50);
        (await First(seen: 20)).ShouldBe((30, 0));
        await Write(51, 150);
        // Lines 101 to 200 are kept.
        (await First(seen: 50)).ShouldBe((100, 50));
        (await First(seen: 150)).ShouldBe((50, 0));
        (await First(seen: 200)).ShouldBe((0, 0));

        async Task<(int Lines, long Dropped)> First(long seen)
        {
            await using var tail = Log.Tail(new(Last: 1), seen, Token).GetAsyncEnumerator(Token);
            (await tail.MoveNextAsync()).ShouldBeTrue();
            return (tail.Current.Lines.Count, tail.Current.DroppedLines);
        }
    }

    [Fact]
    public async Task Only_kept_lines_of_a_flood_are_stored()
    {
        await Write(1, 1_000);
        var kept = await Kept();

        await Silos.Until(async () => await Silos.CountRows("LogBlock") > 0, Second);

        (await Silos.CountRows("LogBlock WHERE lines <= @most", ("@most", MaxLines))).ShouldBe(await Silos.CountRows("LogBlock"));
        await Silos.Crash();
        (await Kept()).ShouldBe(kept);
    }

    [Fact]
    public async Task Storage_size_is_bounded()
    {
        for (var i = 0; i < 40; i++)
        {
            await Write(i * 50 + 1, 50);
            await Silos.Until(
                async () => await Silos.CountRows("LogBlock WHERE firstSequence = @first", ("@first", i * 50 + 1)) == 1,
                Second
            );
        }

        (await Silos.CountRows("LogBlock")).ShouldBeLessThan(10);
        (await Kept()).Count.ShouldBe(MaxLines);
    }

    [Fact]
    public async Task Size_limit_counts_bytes_and_not_characters()
    {
        for (var i = 0; i < 20; i++)
            await Log.Append(Pod, [Line(new string('ж', 4 * 1024))]);

        // Each line has eight kilobytes. With the overhead per line, seven fit.
        (await Kept()).Count.ShouldBe(7);
        await Silos.Restart();
        (await Kept()).Count.ShouldBe(7);
    }

    [Fact]
    public async Task Cleared_log_stays_empty_after_a_crash()
    {
        await Write(1, 10);
        await Silos.Until(async () => await Silos.CountRows("LogBlock") == 1, Second);
        await Log.Clear(Token);

        await Silos.Crash();

        (await Kept()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Lines_that_do_not_match_a_search_are_not_reported_as_dropped()
    {
        await Log.Append(Pod, [Line("needle 1"), Line("hay"), Line("hay")]);
        await using var tail = Log.Tail(new(Search: "needle"), null, Token).GetAsyncEnumerator(Token);
        (await tail.MoveNextAsync()).ShouldBeTrue();
        tail.Current.Lines.ShouldHaveSingleItem().Text.ShouldBe("needle 1");

        await Log.Append(Pod, [Line("hay")]);
        await Log.Append(Pod, [Line("needle 2")]);

        (await tail.MoveNextAsync()).ShouldBeTrue();
        tail.Current.Lines.ShouldHaveSingleItem().Text.ShouldBe("needle 2");
        tail.Current.DroppedLines.ShouldBe(0);
    }

    [Fact]
    public async Task Open_stream_does_not_delay_the_shutdown_of_the_silos()
    {
        // Not disposed here, because disposal would call a grain that is stopped by then.
        var tail = Log.Tail(new(), null, Token).GetAsyncEnumerator(Token);
        await Write(1, 1);
        (await tail.MoveNextAsync()).ShouldBeTrue();
        var next = tail.MoveNextAsync().AsTask();
        var started = Stopwatch.GetTimestamp();

        await Silos.Stop();

        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(8));
        try
        {
            (await next.WaitAsync(TestSilos.WaitTimeout, TimeProvider.System, Token)).ShouldBeFalse();
        }
        catch (OrleansException)
        {
            // The client stops with its silos, so the last message may be lost. The test only requires that the stream ends.
        }
    }

    private static PodLogLine Line(string text) => new(DateTimeOffset.UnixEpoch, LogStream.Stdout, text);

    private Task Write(int first, int count) => Log.Append(Pod, [.. Enumerable.Range(first, count).Select(n => Line($"line {n}"))]);

    private Task<IReadOnlyList<LogLine>> Kept() => Log.Read(new(Last: 10_000));
}
