namespace DeployCard.Grains.Autoscaling;

/// <summary>The load of a deployment over all its gateways at one time.</summary>
/// <param name="InFlight">Requests that pods have now.</param>
/// <param name="Waiting">Requests that wait for a pod now, the asynchronous backlog too.</param>
/// <param name="Stable">Requests in flight, on average over the stable window.</param>
/// <param name="Panic">The same over the panic window.</param>
/// <param name="PanicWaiting">Requests that wait, on average over the panic window.</param>
/// <param name="LastUse">When there last was a request, UTC; null when there never was.</param>
/// <param name="KnownFor">How far back the reports reach; zero when there is none.</param>
internal readonly record struct LoadFigures(
    int InFlight,
    int Waiting,
    double Stable,
    double Panic,
    double PanicWaiting,
    DateTimeOffset? LastUse,
    TimeSpan KnownFor
)
{
    /// <summary>Requests in flight and waiting now.</summary>
    public int Now => InFlight + Waiting;

    /// <summary>Whether fewer wait than did of late: those who wait are being served.</summary>
    public bool IsWorkedOff => Waiting < PanicWaiting - 1e-6;

    /// <summary>Whether most of those who wait have waited for a while: they are no new crowd.</summary>
    public bool IsStanding => Waiting <= 2 * PanicWaiting;
}
