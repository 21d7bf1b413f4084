namespace DeployCard.Domain.Autoscaling;

/// <summary>Snapshot of the load of a deployment over all its gateways.</summary>
/// <param name="InFlight">Number of requests that pods are processing now, including asynchronous calls.</param>
/// <param name="Waiting">Number of requests that wait for a pod now, including queued asynchronous calls.</param>
/// <param name="StableInFlight">Average number of requests in flight over the stable window.</param>
/// <param name="PanicInFlight">Average number of requests in flight over the panic window.</param>
/// <param name="PanicWaiting">Average number of waiting requests over the panic window.</param>
/// <param name="LastActivityAt">
/// Time of the last request, UTC; null if no request is known, or if <see cref="LoadWindow.ClearActivity"/> discarded it.
/// </param>
/// <param name="ObservedFor">Time since the first report; zero if there are no reports.</param>
internal readonly record struct LoadSnapshot(
    int InFlight,
    int Waiting,
    double StableInFlight,
    double PanicInFlight,
    double PanicWaiting,
    DateTimeOffset? LastActivityAt,
    TimeSpan ObservedFor
)
{
    /// <summary>Number of requests in flight and waiting now.</summary>
    public int Total => InFlight + Waiting;

    /// <summary>Whether the backlog is shrinking: fewer requests wait now than on average over the panic window.</summary>
    public bool IsBacklogShrinking => Waiting < PanicWaiting - 1e-6;

    /// <summary>Whether the backlog persists: the number of waiting requests is at most twice its average over the panic window.</summary>
    public bool IsBacklogPersistent => Waiting <= 2 * PanicWaiting;
}
