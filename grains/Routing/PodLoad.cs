namespace DeployCard.Grains.Routing;

/// <summary>What gateways have of one pod.</summary>
/// <param name="InFlight">Requests that the pod has.</param>
/// <param name="Waiting">Requests that wait for any pod of its deployment.</param>
[GenerateSerializer, Alias("pod-load"), Immutable]
public readonly record struct PodLoad([property: Id(0)] int InFlight, [property: Id(1)] int Waiting)
{
    /// <summary>Whether the pod has nothing to do and nobody waits for it.</summary>
    public bool IsIdle => InFlight == 0 && Waiting == 0;

    /// <summary>What several gateways have together.</summary>
    public static PodLoad operator +(PodLoad left, PodLoad right) => new(left.InFlight + right.InFlight, left.Waiting + right.Waiting);
}
