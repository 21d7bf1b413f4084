using CsCheck;
using DeployCard.Grains.Logs;

namespace DeployCard.Grains.Tests.Logs;

public sealed class LogNumbersTests
{
    [Fact]
    public void No_number_is_given_twice_whatever_dies_and_only_lines_that_were_given_are_counted() =>
        Gen.Select(Gen.Int[1, 300], Gen.Int[0, 300], Gen.Bool)
            .Array[1, 12]
            .Sample(lives =>
            {
                var (stored, storedLines, given) = (new LogNumbers(), 0L, new List<long>());
                foreach (var (lines, lost, isOrderly) in lives)
                {
                    var numbers = stored.TakenOver(storedLines + 1);
                    var next = Math.Max(storedLines, numbers.Reserved) + 1;
                    stored = numbers = numbers.For(next, lines);
                    given.AddRange(Enumerable.Range(0, lines).Select(i => next + i));
                    next += lines;
                    // A silo that is killed takes lines with it that were not stored.
                    var kept = isOrderly ? lines : Math.Max(0, lines - lost);
                    if (kept > 0)
                        storedLines = next - lines + kept - 1;
                    if (isOrderly)
                        stored = numbers.UpTo(next);
                    given.Distinct().Count().ShouldBe(given.Count);
                    given.ShouldBeInOrder();
                }
            });

    [Fact]
    public void Between_two_numbers_lie_all_that_are_in_no_gap() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int[0, 60], Gen.Int[0, 60])
            .Sample(
                (first, length, after, before) =>
                {
                    var numbers = new LogNumbers { Gaps = [new(first, first + length - 1)] };

                    var expected = Enumerable
                        .Range(after + 1, Math.Max(0, before - after - 1))
                        .Count(n => n < first || n >= first + length);

                    numbers.Between(after, before).ShouldBe(expected);
                }
            );
}
