using System.Diagnostics;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Logs;

/// <summary>Logs with small bounds, on silos that a test may end.</summary>
public sealed class LogStorageTests : SiloTest, IAsyncLifetime
{
    private const int MostLines = 100;
    private const int MostBytes = 64 * 1024;
    private static readonly PodName Pod = new("iris-1-abcde");

    public LogStorageTests()
        : base(new TestSilos { Settings = { ["Logs:MaxLines"] = $"{MostLines}", ["Logs:MaxBytes"] = $"{MostBytes}" } }) { }

    private ILogGrain Log => Silos.Grains.GetGrain<ILogGrain>("iris");

    public async ValueTask InitializeAsync() => await Silos.Start();

    public ValueTask DisposeAsync() => Silos.DisposeAsync();

    [Fact]
    public async Task Lines_outlive_an_orderly_end_and_numbers_go_on()
    {
        await Write(1, 10);

        await Silos.Restart();

        await Write(11, 1);
        (await Kept()).Select(line => line.Text).ShouldBe(Enumerable.Range(1, 11).Select(n => $"line {n}"));
        (await Kept()).Select(line => line.Sequence).ShouldBe(Enumerable.Range(1, 11).Select(n => (long)n));
    }

    [Fact]
    public async Task Lines_outlive_a_crash_once_they_are_stored()
    {
        await Write(1, 10);
        await Silos.Until(async () => await Silos.Count("LogBlock") == 1, Second);

        await Silos.Crash();

        (await Kept()).Count.ShouldBe(10);
    }

    [Fact]
    public async Task All_lines_that_are_kept_outlive_a_crash_however_they_were_stored()
    {
        await Write(1, 90);
        await Silos.Until(async () => await Silos.Count("LogBlock") == 1, Second);
        await Write(91, 40);
        await Silos.Until(async () => await Silos.Count("LogBlock WHERE firstSequence = 91") == 1, Second);
        var kept = await Kept();
        kept.Count.ShouldBe(MostLines);

        await Silos.Crash();

        (await Kept()).ShouldBe(kept);
    }

    [Fact]
    public async Task Numbers_of_lines_that_were_lost_are_not_given_again_and_who_saw_them_misses_nothing()
    {
        await Write(1, 10);
        await Silos.Until(async () => await Silos.Count("LogBlock") == 1, Second);
        // Given, seen and not yet stored.
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
    public async Task Numbers_that_could_not_be_reserved_hold_no_line_up_and_nobody_misses_what_comes_after_them()
    {
        await Silos.Restart(() => Silos.BusyTimeout = TimeSpan.FromMilliseconds(50));
        await Log.Read(new());
        await using (await Silos.HoldStorage())
            await Write(1, 20);
        (await Kept()).Count.ShouldBe(20);

        // One that saw more than the next activation has numbers for.
        await using var tail = Log.Tail(new(), 1_000_000, Token).GetAsyncEnumerator(Token);
        (await tail.MoveNextAsync()).ShouldBeTrue();
        tail.Current.Through.ShouldBe(20);
        await Write(21, 1);
        (await tail.MoveNextAsync()).ShouldBeTrue();
        tail.Current.Lines.ShouldHaveSingleItem().Text.ShouldBe("line 21");
    }

    [Fact]
    public async Task Who_comes_again_gets_all_since_then_and_is_told_how_many_are_kept_no_more()
    {
        await Write(1, 50);
        (await First(seen: 20)).ShouldBe((30, 0));
        await Write(51, 150);
        // 101 to 200 are kept.
        (await First(seen: 50)).ShouldBe((100, 50));
        (await First(seen: 150)).ShouldBe((50, 0));
        (await First(seen: 200)).ShouldBe((0, 0));

        async Task<(int Lines, long LeftOut)> First(long seen)
        {
            await using var tail = Log.Tail(new(Last: 1), seen, Token).GetAsyncEnumerator(Token);
            (await tail.MoveNextAsync()).ShouldBeTrue();
            return (tail.Current.Lines.Count, tail.Current.DroppedLines);
        }
    }

    [Fact]
    public async Task Of_a_flood_only_what_is_kept_is_stored()
    {
        await Write(1, 1_000);
        var kept = await Kept();

        await Silos.Until(async () => await Silos.Count("LogBlock") > 0, Second);

        (await Silos.Count("LogBlock WHERE lines <= @most", ("@most", MostLines))).ShouldBe(await Silos.Count("LogBlock"));
        await Silos.Crash();
        (await Kept()).ShouldBe(kept);
    }

    [Fact]
    public async Task Storage_does_not_grow_without_end()
    {
        for (var i = 0; i < 40; i++)
        {
            await Write(i * 50 + 1, 50);
            await Silos.Until(async () => await Silos.Count("LogBlock WHERE firstSequence = @first", ("@first", i * 50 + 1)) == 1, Second);
        }

        (await Silos.Count("LogBlock")).ShouldBeLessThan(10);
        (await Kept()).Count.ShouldBe(MostLines);
    }

    [Fact]
    public async Task The_bound_in_bytes_counts_bytes()
    {
        for (var i = 0; i < 20; i++)
            await Log.Append(Pod, [Line(new string('ж', 4 * 1024))]);

        // Eight kilobytes each: seven of them, and what a line costs beside its text.
        (await Kept()).Count.ShouldBe(7);
        await Silos.Restart();
        (await Kept()).Count.ShouldBe(7);
    }

    [Fact]
    public async Task A_cleared_log_stays_empty_after_a_crash()
    {
        await Write(1, 10);
        await Silos.Until(async () => await Silos.Count("LogBlock") == 1, Second);
        await Log.Clear(Token);

        await Silos.Crash();

        (await Kept()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Lines_that_a_search_passes_over_are_not_told_as_left_out()
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
    public async Task An_open_tail_does_not_hold_the_end_of_the_silos_up()
    {
        // Not disposed of here: that asks a grain which is gone by then.
        var tail = Log.Tail(new(), null, Token).GetAsyncEnumerator(Token);
        await Write(1, 1);
        (await tail.MoveNextAsync()).ShouldBeTrue();
        var next = tail.MoveNextAsync().AsTask();
        var started = Stopwatch.GetTimestamp();

        await Silos.Stop();

        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(8));
        try
        {
            (await next.WaitAsync(TestSilos.Patience, TimeProvider.System, Token)).ShouldBeFalse();
        }
        catch (OrleansException)
        {
            // The client goes with its silos, and its answer may be lost on the way: that it ends is what counts.
        }
    }

    private static PodLogLine Line(string text) => new(DateTimeOffset.UnixEpoch, LogStream.Stdout, text);

    private Task Write(int first, int count) => Log.Append(Pod, [.. Enumerable.Range(first, count).Select(n => Line($"line {n}"))]);

    private Task<IReadOnlyList<LogLine>> Kept() => Log.Read(new(Last: 10_000));
}
