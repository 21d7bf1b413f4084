namespace DeployCard.Grains.Autoscaling;

/// <summary>The load of a deployment over all its gateways at one time.</summary>
/// <param name="InFlight">Requests that pods have now.</param>
/// <param name="Waiting">Requests that wait for a pod now, the asynchronous backlog too.</param>
/// <param name="Stable">Requests in flight and waiting, on average over the stable window.</param>
/// <param name="Panic">The same over the panic window.</param>
/// <param name="LastUse">When there last was a request, UTC; null when there never was.</param>
/// <param name="KnownFor">How far back the reports reach; zero when there is none.</param>
internal readonly record struct LoadFigures(int InFlight, int Waiting, double Stable, double Panic, DateTimeOffset? LastUse, TimeSpan KnownFor)
{
    /// <summary>Requests in flight and waiting now.</summary>
    public int Now => InFlight + Waiting;
}
