namespace DeployCard.Contracts.Routing;

/// <summary>Load of one pod at one or more gateways.</summary>
/// <param name="InFlight">Number of requests that the pod is processing.</param>
/// <param name="Waiting">Number of requests that wait for any pod of the deployment.</param>
[GenerateSerializer, Alias("pod-load"), Immutable]
public readonly record struct PodLoad([property: Id(0)] int InFlight, [property: Id(1)] int Waiting)
{
    /// <summary>Adds the loads of several gateways.</summary>
    public static PodLoad operator +(PodLoad left, PodLoad right) => new(left.InFlight + right.InFlight, left.Waiting + right.Waiting);
}
