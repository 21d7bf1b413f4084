using DeployCard.Grains.Logs;
using DeployCard.Grains.Runtimes;

namespace DeployCard.Grains.Tests.Logs;

public sealed class LogHistoryTests
{
    private static readonly DateTimeOffset Begin = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly LogHistory history = new(new() { MaxLines = 100, MaxBytes = 10_000 });

    [Fact]
    public void The_first_or_the_last_that_fit_are_found_oldest_first()
    {
        Add(1, 10);

        Found(new(Last: 3)).ShouldBe([8, 9, 10]);
        Found(new(Last: 3, Oldest: true)).ShouldBe([1, 2, 3]);
        Found(new(Last: 2, After: 4, Oldest: true)).ShouldBe([5, 6]);
        Found(new(Last: 2, Before: 7)).ShouldBe([5, 6]);
        Found(new(After: 3, Before: 6)).ShouldBe([4, 5]);
        Found(new(After: 10)).ShouldBeEmpty();
        Found(new(After: 6, Before: 3)).ShouldBeEmpty();
    }

    [Fact]
    public void A_time_finds_what_arrived_in_it_its_end_left_out()
    {
        Add(1, 10);

        Found(new(From: Begin.AddSeconds(3), To: Begin.AddSeconds(6))).ShouldBe([3, 4, 5]);
        Found(new(From: Begin.AddSeconds(9))).ShouldBe([9, 10]);
    }

    [Fact]
    public void Numbers_that_were_left_out_are_no_hindrance()
    {
        Add(1, 3);
        history.SkipTo(1000);
        Add(1000, 1002);

        Found(new(After: 2)).ShouldBe([3, 1000, 1001, 1002]);
        Found(new(After: 500, Last: 1, Oldest: true)).ShouldBe([1000]);
        history.Next.ShouldBe(1003);
    }

    [Theory]
    [InlineData(1, 100)]
    [InlineData(1_000, 9)]
    public void Only_so_many_lines_and_bytes_are_kept_however_many_come(int length, int kept)
    {
        Add(1, 1_234, new string('x', length));

        Found(new(Last: 10_000)).ShouldBe(Enumerable.Range(1_235 - kept, kept).Select(n => (long)n));
        history.First.ShouldBe(1_235 - kept);
    }

    [Fact]
    public void What_comes_behind_a_number_is_given_in_parts_of_so_many_bytes_but_one_line_at_least()
    {
        Add(1, 10, new string('x', 36));

        // A hundred bytes each, with what a line costs beside its text.
        history.After(3, 250).Select(line => line.Sequence).ShouldBe([4, 5]);
        history.After(3, 1).Select(line => line.Sequence).ShouldBe([4]);
        history.After(8, 10_000).Select(line => line.Sequence).ShouldBe([9, 10]);
        history.After(10, 10_000).ShouldBeEmpty();
        history.CountAfter(8).ShouldBe(2);
    }

    private void Add(long from, long to, string text = "x")
    {
        for (var n = from; n <= to; n++)
            history.Add(new(n, Begin.AddSeconds(n), new("pod"), LogStream.Stdout, text));
    }

    private IEnumerable<long> Found(LogQuery query) => history.Find(query).Select(line => line.Sequence);
}
