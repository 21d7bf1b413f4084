using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.Monitoring.Alerts;

/// <summary>The alerts that fire: a row for each deployment that has some, and none for any other. Lists come from here and wake no grain.</summary>
public interface IAlertStore
{
    /// <summary>Stores a deployment's, durably when it returns; where there is nothing to store its row goes.</summary>
    Task Write(DeploymentName deployment, StoredAlerts alerts, CancellationToken cancellationToken);

    /// <summary>Those of deployments; none for one that has none.</summary>
    Task<IReadOnlyDictionary<DeploymentName, StoredAlerts>> Read(
        IReadOnlyList<DeploymentName> deployments,
        CancellationToken cancellationToken
    );

    /// <summary>The deployments that have some, in the order of their names, behind <paramref name="after"/>.</summary>
    Task<IReadOnlyList<DeploymentName>> List(DeploymentName? after, int limit, CancellationToken cancellationToken);
}

/// <summary>What is stored of a deployment's alerts.</summary>
/// <param name="Firing">Those that fire, those that fire longest first.</param>
/// <param name="Notices">What its events are still to have, oldest first.</param>
public sealed record StoredAlerts(IReadOnlyList<AlertState> Firing, IReadOnlyList<AlertNotice> Notices)
{
    /// <summary>What people see.</summary>
    public FiringAlerts ToView() =>
        new([
            .. Firing.Select(state => new AlertView(
                state.Rule,
                AlertRules.SeverityOf(state.Rule),
                state.FiringSince!.Value,
                state.Value,
                state.Limit,
                AlertText.Of(state)
            )),
        ]);
}

/// <summary>Something that a deployment's events are to have.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record AlertNotice(EventKind Kind, string Message);
