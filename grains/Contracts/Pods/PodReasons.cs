namespace DeployCard.Contracts.Pods;

/// <summary>Reasons why a pod is not ready; the names follow those of Kubernetes if there is an equivalent.</summary>
public static class PodReasons
{
    /// <summary>The image, its manifest or its command is missing or invalid.</summary>
    public const string ImageUnavailable = "ImageUnavailable";

    /// <summary>The serving script exited, before or after it became ready.</summary>
    public const string Exited = "Exited";

    /// <summary>The serving script exited repeatedly and waits for its next start.</summary>
    public const string CrashLoopBackOff = "CrashLoopBackOff";

    /// <summary>The pod did not become ready within its startup timeout.</summary>
    public const string StartupTimeout = "StartupTimeout";

    /// <summary>The pod was stopped on request.</summary>
    public const string Stopped = "Stopped";

    /// <summary>The pod did not exit within its grace period and was killed.</summary>
    public const string Killed = "Killed";

    /// <summary>The platform cannot pull the image of the pod.</summary>
    public const string ImagePullBackOff = "ImagePullBackOff";

    /// <summary>The pod exceeded its memory limit and was killed.</summary>
    public const string OomKilled = "OOMKilled";

    /// <summary>No node can run the pod because of resources, selectors or taints.</summary>
    public const string Unschedulable = "Unschedulable";

    /// <summary>A quota of the platform does not allow another pod.</summary>
    public const string QuotaExceeded = "QuotaExceeded";

    /// <summary>The platform rejects the pod for another reason.</summary>
    public const string Rejected = "Rejected";

    /// <summary>The pod was ready, but its readiness check fails now.</summary>
    public const string Unready = "Unready";
}
