using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.Monitoring.Alerts;

/// <summary>A deployment's alerts: what each rule has come to, and what is still to be told of it. What becomes of them is decided here; nothing else is done.</summary>
internal sealed class AlertBook(IReadOnlyList<AlertLimit> limits, TimeSpan keepFiring)
{
    private readonly Dictionary<AlertRule, AlertState> states = [];
    private List<AlertNotice> notices = [];

    /// <summary>Whether there is nothing to look after.</summary>
    public bool IsEmpty => states.Count == 0 && notices.Count == 0;

    /// <summary>Whether any fires.</summary>
    public bool IsFiring => states.Values.Any(state => state.FiringSince is not null);

    /// <summary>What is to be told the deployment, oldest first.</summary>
    public IReadOnlyList<AlertNotice> Notices => notices;

    /// <summary>What is to be stored: what fires, and what is to be told. What only might fire soon begins anew after a restart.</summary>
    public StoredAlerts Stored => new([.. Firing()], [.. notices]);

    /// <summary>What people see.</summary>
    public FiringAlerts View => Stored.ToView();

    /// <summary>Takes what was stored before. As nobody looked meanwhile, what fires is given its time to be seen again.</summary>
    public void Restore(StoredAlerts stored, DateTimeOffset now)
    {
        foreach (var state in stored.Firing)
            states[state.Rule] = state with { BeyondAt = now };
        notices = [.. stored.Notices];
    }

    /// <summary>Looks at each rule's value. Whether another set of alerts fires than before.</summary>
    public bool Look(Func<AlertLimit, double?> valueOf, DateTimeOffset now)
    {
        var isOther = false;
        foreach (var limit in limits)
        {
            var before = states.GetValueOrDefault(limit.Rule);
            var after = AlertState.Next(before, limit, valueOf(limit), keepFiring, now);
            if (after is null)
                states.Remove(limit.Rule);
            else
                states[limit.Rule] = after;
            isOther |= Notice(before, after, now);
        }

        return isOther;
    }

    /// <summary>A notice was told.</summary>
    public void Told(AlertNotice notice) => notices.Remove(notice);

    /// <summary>Forgets all of it: the deployment is gone.</summary>
    public void Clear()
    {
        states.Clear();
        notices.Clear();
    }

    private bool Notice(AlertState? before, AlertState? after, DateTimeOffset now)
    {
        var (did, does) = (before?.FiringSince is not null, after?.FiringSince is not null);
        if (did == does)
            return false;
        notices.Add(
            does ? new(EventKind.AlertFiring, AlertText.Of(after!)) : new(EventKind.AlertResolved, AlertText.Resolved(before!, now))
        );
        return true;
    }

    private IEnumerable<AlertState> Firing() =>
        states.Values.Where(state => state.FiringSince is not null).OrderBy(state => state.FiringSince);
}
