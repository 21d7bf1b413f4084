using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Monitoring.Alerts;
using DeployCard.Domain.Monitoring.Alerts;

namespace DeployCard.Grains.Tests.Monitoring.Alerts;

/// <summary>The state of an alert over time, evaluated once per minute.</summary>
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
    public void Alert_is_pending_then_fires_and_resolves_after_its_value_stays_within_the_threshold(
        string values,
        int minutesFor,
        int keepFiring,
        string expected
    )
    {
        var condition = new AlertCondition(AlertRule.ErrorRatio, 0.05, 5, minutesFor * Minute);
        var states = new List<string>();
        AlertState? state = null;
        foreach (var (i, value) in values.Split(' ').Index())
        {
            double? seen = value == "." ? null : double.Parse(value, System.Globalization.CultureInfo.InvariantCulture);
            state = condition.NextState(state, seen, keepFiring * Minute, Start + (i * Minute));
            states.Add(
                state is null ? "-"
                : state.FiringSince is null ? "p"
                : "F"
            );
        }

        string.Join(' ', states).ShouldBe(expected);
    }

    [Fact]
    public void Firing_alert_has_its_start_and_the_last_value_above_the_threshold()
    {
        var condition = new AlertCondition(AlertRule.ErrorRatio, 0.05, 5, Minute);
        AlertState? state = null;
        foreach (var (i, value) in new[] { 0.1, 0.2, 0.3, 0.01 }.Index())
            state = condition.NextState(state, value, 5 * Minute, Start + (i * Minute));

        state.ShouldBe(new(AlertRule.ErrorRatio, Start, Start + Minute, Start + (2 * Minute), 0.3, 0.05, 5));
    }

    [Fact]
    public void Start_and_end_of_each_alert_create_one_notice()
    {
        var evaluator = new AlertEvaluator(
            [new(AlertRule.ErrorRatio, 0.05, 5, Minute), new(AlertRule.CrashLoop, 3, 15, TimeSpan.Zero)],
            TimeSpan.Zero
        );

        evaluator.Evaluate(condition => condition.Rule is AlertRule.ErrorRatio ? 0.12 : 0, Start).ShouldBeFalse();
        (evaluator.IsEmpty, evaluator.IsFiring).ShouldBe((false, false));
        evaluator.Evaluate(condition => condition.Rule is AlertRule.ErrorRatio ? 0.12 : 4, Start + Minute).ShouldBeTrue();
        evaluator.Evaluate(condition => condition.Rule is AlertRule.ErrorRatio ? 0.12 : 5, Start + (2 * Minute)).ShouldBeFalse();
        evaluator.Evaluate(_ => null, Start + (65 * Minute)).ShouldBeTrue();

        evaluator.Notices.ShouldBe([
            new(EventKind.AlertFiring, "Error ratio 12 % over 5 min, limit 5 %."),
            new(EventKind.AlertFiring, "Pods failed 4 times within 15 min, limit 3."),
            new(EventKind.AlertResolved, "Resolved after 1 h 4 min: Error ratio 12 % over 5 min, limit 5 %."),
            new(EventKind.AlertResolved, "Resolved after 1 h 4 min: Pods failed 5 times within 15 min, limit 3."),
        ]);
        (evaluator.IsEmpty, evaluator.IsFiring).ShouldBe((false, false));
    }

    [Fact]
    public void Restored_alert_keeps_firing_for_the_full_keep_firing_time()
    {
        var stored = new StoredAlerts([new(AlertRule.Latency, Start, Start, Start, 12, 10, 10)], []);
        var evaluator = new AlertEvaluator([new(AlertRule.Latency, 10, 10, Minute)], 5 * Minute);
        evaluator.Restore(stored, Start + (60 * Minute));

        evaluator.Evaluate(_ => null, Start + (64 * Minute)).ShouldBeFalse();
        evaluator.View.Alerts.ShouldHaveSingleItem().Since.ShouldBe(Start);
        evaluator.Evaluate(_ => null, Start + (65 * Minute)).ShouldBeTrue();
        evaluator.View.Alerts.ShouldBeEmpty();
    }
}
