using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Runtimes;
using DeployCard.Domain.Logs;

namespace DeployCard.Grains.Tests.Logs;

public sealed class LogHistoryTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly LogHistory history = new(new() { MaxLines = 100, MaxBytes = 10_000 });

    [Fact]
    public void Query_returns_the_newest_or_oldest_matching_lines_oldest_first()
    {
        Add(1, 10);

        Found(new(Last: 3)).ShouldBe([8, 9, 10]);
        Found(new(Last: 3, FromOldest: true)).ShouldBe([1, 2, 3]);
        Found(new(Last: 2, After: 4, FromOldest: true)).ShouldBe([5, 6]);
        Found(new(Last: 2, Before: 7)).ShouldBe([5, 6]);
        Found(new(After: 3, Before: 6)).ShouldBe([4, 5]);
        Found(new(After: 10)).ShouldBeEmpty();
        Found(new(After: 6, Before: 3)).ShouldBeEmpty();
    }

    [Fact]
    public void Time_range_includes_its_start_and_excludes_its_end()
    {
        Add(1, 10);

        Found(new(From: Start.AddSeconds(3), To: Start.AddSeconds(6))).ShouldBe([3, 4, 5]);
        Found(new(From: Start.AddSeconds(9))).ShouldBe([9, 10]);
    }

    [Fact]
    public void Skipped_numbers_do_not_affect_queries()
    {
        Add(1, 3);
        history.SkipTo(1000);
        Add(1000, 1002);

        Found(new(After: 2)).ShouldBe([3, 1000, 1001, 1002]);
        Found(new(After: 500, Last: 1, FromOldest: true)).ShouldBe([1000]);
        history.NextSequence.ShouldBe(1003);
    }

    [Theory]
    [InlineData(1, 100)]
    [InlineData(1_000, 9)]
    public void History_keeps_the_newest_lines_within_both_limits(int length, int kept)
    {
        Add(1, 1_234, new string('x', length));

        Found(new(Last: 10_000)).ShouldBe(Enumerable.Range(1_235 - kept, kept).Select(n => (long)n));
        history.FirstSequence.ShouldBe(1_235 - kept);
    }

    [Fact]
    public void Lines_after_a_number_are_limited_in_bytes_but_at_least_one_is_returned()
    {
        Add(1, 10, new string('x', 36));

        // Each line counts as a hundred bytes, including the overhead per line.
        history.ReadAfter(3, 250).Select(line => line.Sequence).ShouldBe([4, 5]);
        history.ReadAfter(3, 1).Select(line => line.Sequence).ShouldBe([4]);
        history.ReadAfter(8, 10_000).Select(line => line.Sequence).ShouldBe([9, 10]);
        history.ReadAfter(10, 10_000).ShouldBeEmpty();
        history.CountAfter(8).ShouldBe(2);
    }

    private void Add(long from, long to, string text = "x")
    {
        for (var n = from; n <= to; n++)
            history.Add(new(n, Start.AddSeconds(n), new("pod"), LogStream.Stdout, text));
    }

    private IEnumerable<long> Found(LogQuery query) => history.Find(query).Select(line => line.Sequence);
}
