using DeployCard.Grains.Deployments;
using DeployCard.Grains.Monitoring.Alerts;

namespace DeployCard.Grains.Tests.Monitoring.Alerts;

/// <summary>A rule's way from its limit to its end, each minute a value.</summary>
public sealed class AlertStateTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("0.1", 0, 0, "F")]
    [InlineData("0.05", 0, 0, "-")]
    [InlineData("0.06 0.06 0.06 0.06", 2, 0, "p p F F")]
    [InlineData("0.06 0 0.06 0.06 0.06", 2, 0, "p - p p F")]
    [InlineData("0.06 . 0.06 0.06 0.06", 2, 0, "p - p p F")]
    [InlineData("0.06 0.06 0 0", 1, 0, "p F - -")]
    [InlineData("0.06 0.06 0 0.06 0 0 0.06", 1, 2, "p F F F F - p")]
    [InlineData("0.06 0.06 . . .", 1, 2, "p F F - -")]
    [InlineData("0.06 0 0 0.06 0.06", 1, 2, "p - - p F")]
    public void It_is_pending_then_fires_and_is_over_only_after_a_while_within_the_limit(
        string values,
        int minutesFor,
        int keepFiring,
        string expected
    )
    {
        var limit = new AlertLimit(AlertRule.ErrorRatio, 0.05, 5, minutesFor * Minute);
        var states = new List<string>();
        AlertState? state = null;
        foreach (var (i, value) in values.Split(' ').Index())
        {
            double? seen = value == "." ? null : double.Parse(value, System.Globalization.CultureInfo.InvariantCulture);
            state = AlertState.Next(state, limit, seen, keepFiring * Minute, Start + (i * Minute));
            states.Add(
                state is null ? "-"
                : state.FiringSince is null ? "p"
                : "F"
            );
        }

        string.Join(' ', states).ShouldBe(expected);
    }

    [Fact]
    public void Since_is_when_it_began_to_fire_and_the_value_the_last_one_beyond_the_limit()
    {
        var limit = new AlertLimit(AlertRule.ErrorRatio, 0.05, 5, Minute);
        AlertState? state = null;
        foreach (var (i, value) in new[] { 0.1, 0.2, 0.3, 0.01 }.Index())
            state = AlertState.Next(state, limit, value, 5 * Minute, Start + (i * Minute));

        state.ShouldBe(new(AlertRule.ErrorRatio, Start, Start + Minute, Start + (2 * Minute), 0.3, 0.05, 5));
    }

    [Fact]
    public void The_book_notes_each_beginning_and_end_once()
    {
        var book = new AlertBook(
            [new(AlertRule.ErrorRatio, 0.05, 5, Minute), new(AlertRule.CrashLoop, 3, 15, TimeSpan.Zero)],
            TimeSpan.Zero
        );

        book.Look(limit => limit.Rule is AlertRule.ErrorRatio ? 0.12 : 0, Start).ShouldBeFalse();
        (book.IsEmpty, book.IsFiring).ShouldBe((false, false));
        book.Look(limit => limit.Rule is AlertRule.ErrorRatio ? 0.12 : 4, Start + Minute).ShouldBeTrue();
        book.Look(limit => limit.Rule is AlertRule.ErrorRatio ? 0.12 : 5, Start + (2 * Minute)).ShouldBeFalse();
        book.Look(_ => null, Start + (65 * Minute)).ShouldBeTrue();

        book.Notices.ShouldBe([
            new(EventKind.AlertFiring, "Error ratio 12 % over 5 min, limit 5 %."),
            new(EventKind.AlertFiring, "Pods failed 4 times within 15 min, limit 3."),
            new(EventKind.AlertResolved, "Over after 1 h 4 min: Error ratio 12 % over 5 min, limit 5 %."),
            new(EventKind.AlertResolved, "Over after 1 h 4 min: Pods failed 5 times within 15 min, limit 3."),
        ]);
        (book.IsEmpty, book.IsFiring).ShouldBe((false, false));
    }

    [Fact]
    public void What_was_stored_goes_on_firing_for_as_long_as_it_takes_to_be_seen_again()
    {
        var stored = new StoredAlerts([new(AlertRule.Latency, Start, Start, Start, 12, 10, 10)], []);
        var book = new AlertBook([new(AlertRule.Latency, 10, 10, Minute)], 5 * Minute);
        book.Restore(stored, Start + (60 * Minute));

        book.Look(_ => null, Start + (64 * Minute)).ShouldBeFalse();
        book.View.Alerts.ShouldHaveSingleItem().Since.ShouldBe(Start);
        book.Look(_ => null, Start + (65 * Minute)).ShouldBeTrue();
        book.View.Alerts.ShouldBeEmpty();
    }
}
