using DeployCard.Contracts.Pods;

namespace DeployCard.Kubernetes.Pods;

/// <summary>Rejection of a pod by Kubernetes or by the settings, which an immediate retry would not change.</summary>
/// <param name="reason">The reason, one of <see cref="PodReasons"/>.</param>
/// <param name="message">The explanation for users.</param>
internal sealed class PodRejectedException(string reason, string message) : Exception(message)
{
    /// <summary>Reason of the rejection, one of <see cref="PodReasons"/>.</summary>
    public string Reason => reason;
}
