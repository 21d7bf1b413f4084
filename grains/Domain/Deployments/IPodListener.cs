using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Pods;

namespace DeployCard.Domain.Deployments;

/// <summary>Receives what background tasks observe about the pods of a deployment.</summary>
internal interface IPodListener
{
    /// <summary>The runtime has reported the pods.</summary>
    Task OnPodsReported();

    /// <summary>A pod has ended after it was asked to stop.</summary>
    /// <param name="ended">The final observation of the pod.</param>
    Task OnPodEnded(PodObservation ended);

    /// <summary>Requests wait while the last ready pod drains, so a draining pod must return to service.</summary>
    Task OnDrainingPodNeeded();
}

/// <summary>
/// Calls the grain through its interface. The calls of background tasks therefore do not interleave with other calls to the grain.
/// </summary>
internal sealed class GrainPodListener(IDeploymentGrain grain) : IPodListener
{
    public Task OnPodsReported() => grain.Reconcile();

    public Task OnPodEnded(PodObservation ended) => grain.OnPodEnded(ended);

    public Task OnDrainingPodNeeded() => grain.CancelDrain();
}
