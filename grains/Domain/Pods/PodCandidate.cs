using DeployCard.Contracts.Pods;

namespace DeployCard.Domain.Pods;

/// <summary>A pod that can serve, because it has not been asked to stop.</summary>
/// <param name="Observation">Report of the runtime about the pod.</param>
/// <param name="IsDraining">Whether the pod has been taken out of service.</param>
/// <param name="IsBusy">Whether a gateway has reported requests for the pod.</param>
internal readonly record struct PodCandidate(PodObservation Observation, bool IsDraining = false, bool IsBusy = false)
{
    /// <summary>
    /// Priority for staying in service; higher is better. Ready pods come before others. Busy pods come before idle ones, which can be
    /// stopped immediately. Pods in service come before draining ones, to avoid needless swaps.
    /// </summary>
    public int Priority =>
        Observation.Phase switch
        {
            PodPhase.Ready => 4 + (IsDraining ? 0 : 2) + (IsBusy ? 1 : 0),
            PodPhase.Starting => IsDraining ? 2 : 3,
            _ => IsDraining ? 0 : 1,
        };
}
