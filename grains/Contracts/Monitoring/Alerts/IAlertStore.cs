using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;

namespace DeployCard.Contracts.Monitoring.Alerts;

/// <summary>
/// Stores alerts, in one row for each deployment that has firing alerts or pending notices. Lists of deployments read it without activating
/// grains.
/// </summary>
public interface IAlertStore
{
    /// <summary>Stores the alerts of a deployment durably. If there are no alerts and no notices, deletes the row.</summary>
    Task Write(DeploymentName deployment, StoredAlerts alerts, CancellationToken cancellationToken);

    /// <summary>Returns the stored alerts of the given deployments. Deployments without a row are not in the result.</summary>
    Task<IReadOnlyDictionary<DeploymentName, StoredAlerts>> Read(
        IReadOnlyList<DeploymentName> deployments,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Lists at most <paramref name="limit"/> deployments that have a row, ordered by name, starting after <paramref name="after"/>;
    /// null to start with the first.
    /// </summary>
    Task<IReadOnlyList<DeploymentName>> List(DeploymentName? after, int limit, CancellationToken cancellationToken);
}

/// <summary>The stored alerts of a deployment.</summary>
/// <param name="Firing">The firing alerts, the longest-firing one first.</param>
/// <param name="Notices">The notices that are not yet among the events of the deployment, oldest first.</param>
public sealed record StoredAlerts(IReadOnlyList<AlertState> Firing, IReadOnlyList<AlertNotice> Notices)
{
    /// <summary>Returns the firing alerts as the API shows them.</summary>
    public FiringAlerts ToView() =>
        new([
            .. Firing.Select(state => new AlertView(
                state.Rule,
                AlertRules.SeverityOf(state.Rule),
                state.FiringSince!.Value,
                state.Value,
                state.Limit,
                AlertText.Describe(state)
            )),
        ]);
}

/// <summary>A change of an alert that is to be added to the events of the deployment.</summary>
/// <param name="Kind">Kind of the event: <see cref="EventKind.AlertFiring"/> or <see cref="EventKind.AlertResolved"/>.</param>
/// <param name="Message">Text of the event for users.</param>
public sealed record AlertNotice(EventKind Kind, string Message);
