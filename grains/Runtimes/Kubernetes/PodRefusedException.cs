namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>The platform takes a pod in no form like this, at least for now; trying again at once is of no use.</summary>
internal sealed class PodRefusedException(string reason, string message) : Exception(message)
{
    /// <summary>One of <see cref="Pods.PodReasons"/>.</summary>
    public string Reason => reason;
}
