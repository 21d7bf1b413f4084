using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Monitoring.Alerts;

namespace DeployCard.Domain.Monitoring.Alerts;

/// <summary>
/// Evaluates the alert rules of one deployment. Keeps the state of each rule and the notices that are not yet among the events of the
/// deployment. Has no side effects: <see cref="DeploymentAlerts"/> stores and publishes the result.
/// </summary>
internal sealed class AlertEvaluator(IReadOnlyList<AlertCondition> conditions, TimeSpan keepFiring)
{
    private readonly Dictionary<AlertRule, AlertState> states = [];
    private List<AlertNotice> notices = [];

    /// <summary>Whether every value is within its threshold and no notice is pending.</summary>
    public bool IsEmpty => states.Count == 0 && notices.Count == 0;

    /// <summary>Whether at least one alert is firing.</summary>
    public bool IsFiring => states.Values.Any(state => state.FiringSince is not null);

    /// <summary>The notices to be added to the events of the deployment, oldest first.</summary>
    public IReadOnlyList<AlertNotice> Notices => notices;

    /// <summary>The state to store: firing alerts and pending notices. An alert that is only pending starts over after a restart.</summary>
    public StoredAlerts Snapshot => new([.. FiringStates()], [.. notices]);

    /// <summary>The firing alerts as the API shows them.</summary>
    public FiringAlerts View => Snapshot.ToView();

    /// <summary>
    /// Restores stored alerts. The rules were not evaluated in the meantime, so firing alerts keep firing for the full
    /// <c>KeepFiringFor</c>.
    /// </summary>
    public void Restore(StoredAlerts stored, DateTimeOffset now)
    {
        foreach (var state in stored.Firing)
            states[state.Rule] = state with { BeyondAt = now };
        notices = [.. stored.Notices];
    }

    /// <summary>Evaluates all rules. Returns whether the set of firing alerts has changed.</summary>
    public bool Evaluate(Func<AlertCondition, double?> valueOf, DateTimeOffset now)
    {
        var hasChanged = false;
        foreach (var limit in conditions)
        {
            var before = states.GetValueOrDefault(limit.Rule);
            var after = limit.NextState(before, valueOf(limit), keepFiring, now);
            if (after is null)
                states.Remove(limit.Rule);
            else
                states[limit.Rule] = after;
            hasChanged |= AddNotice(before, after, now);
        }

        return hasChanged;
    }

    /// <summary>Removes a notice that is now among the events of the deployment.</summary>
    public void RemoveNotice(AlertNotice notice) => notices.Remove(notice);

    /// <summary>Discards all alerts and notices, because the deployment is deleted.</summary>
    public void Clear()
    {
        states.Clear();
        notices.Clear();
    }

    private bool AddNotice(AlertState? before, AlertState? after, DateTimeOffset now)
    {
        var (wasFiring, isFiring) = (before?.FiringSince is not null, after?.FiringSince is not null);
        if (wasFiring == isFiring)
            return false;
        notices.Add(
            isFiring
                ? new(EventKind.AlertFiring, AlertText.Describe(after!))
                : new(EventKind.AlertResolved, AlertText.DescribeResolved(before!, now))
        );
        return true;
    }

    private IEnumerable<AlertState> FiringStates() =>
        states.Values.Where(state => state.FiringSince is not null).OrderBy(state => state.FiringSince);
}
