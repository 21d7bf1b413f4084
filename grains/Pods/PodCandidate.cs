namespace DeployCard.Grains.Pods;

/// <summary>A pod that can serve: it has not been asked to end.</summary>
/// <param name="Seen">What the runtime reports of it.</param>
/// <param name="IsDraining">Whether it was taken out of service.</param>
/// <param name="IsBusy">Whether gateways have told of requests that it has.</param>
internal readonly record struct PodCandidate(PodObservation Seen, bool IsDraining = false, bool IsBusy = false)
{
    /// <summary>
    /// The higher, the rather it serves. A ready one before one that is not; a busy one before an idle one, which can go at once; one in service
    /// before one that drains, or two would change places for nothing.
    /// </summary>
    public int Worth =>
        Seen.Phase switch
        {
            PodPhase.Ready => 4 + (IsDraining ? 0 : 2) + (IsBusy ? 1 : 0),
            PodPhase.Starting => IsDraining ? 2 : 3,
            _ => IsDraining ? 0 : 1,
        };
}
