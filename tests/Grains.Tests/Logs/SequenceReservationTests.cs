using CsCheck;
using DeployCard.Domain.Logs;

namespace DeployCard.Grains.Tests.Logs;

public sealed class SequenceReservationTests
{
    [Fact]
    public void No_number_is_assigned_twice_after_any_sequence_of_crashes() =>
        Gen.Select(Gen.Int[1, 300], Gen.Int[0, 300], Gen.Bool)
            .Array[1, 12]
            .Sample(lives =>
            {
                var (stored, storedLines, assigned) = (new SequenceReservation(), 0L, new List<long>());
                foreach (var (lines, lost, isOrderly) in lives)
                {
                    var numbers = stored.Recover(storedLines + 1);
                    var next = Math.Max(storedLines, numbers.Reserved) + 1;
                    stored = numbers = numbers.Reserve(next, lines);
                    assigned.AddRange(Enumerable.Range(0, lines).Select(i => next + i));
                    next += lines;
                    // A killed silo loses the lines that are not stored.
                    var kept = isOrderly ? lines : Math.Max(0, lines - lost);
                    if (kept > 0)
                        storedLines = next - lines + kept - 1;
                    if (isOrderly)
                        stored = numbers.Release(next);
                    assigned.Distinct().Count().ShouldBe(assigned.Count);
                    assigned.ShouldBeInOrder();
                }
            });

    [Fact]
    public void Lines_between_two_numbers_exclude_gaps() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int[0, 60], Gen.Int[0, 60])
            .Sample(
                (first, length, after, before) =>
                {
                    var numbers = new SequenceReservation { Gaps = [new(first, first + length - 1)] };

                    var expected = Enumerable
                        .Range(after + 1, Math.Max(0, before - after - 1))
                        .Count(n => n < first || n >= first + length);

                    numbers.CountBetween(after, before).ShouldBe(expected);
                }
            );
}
