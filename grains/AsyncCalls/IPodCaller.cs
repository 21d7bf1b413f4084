using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>Sends a call's request to a pod: it waits for its turn beside the synchronous requests and wakes the deployment as they do.</summary>
public interface IPodCaller
{
    /// <summary>One attempt. Never throws but when it is cancelled; a body beyond <see cref="CallBody.MostInline"/> is in the <see cref="IBodyStore"/> when it returns.</summary>
    Task<PodAnswer> Call(DeploymentName deployment, CallId id, CallRequest request, CallLimits limits, CancellationToken cancellationToken);
}
