namespace DeployCard.Grains.Pods;

/// <summary>Why a pod is not ready, in the words that Kubernetes made common.</summary>
public static class PodReasons
{
    /// <summary>The image, its manifest or its command is not there or not usable.</summary>
    public const string ImageUnavailable = "ImageUnavailable";

    /// <summary>The serving script ended before it was ready, or afterwards.</summary>
    public const string Exited = "Exited";

    /// <summary>It ended more than once and waits for its next start.</summary>
    public const string CrashLoopBackOff = "CrashLoopBackOff";

    /// <summary>It did not become ready within its start-up limit.</summary>
    public const string StartupTimeout = "StartupTimeout";

    /// <summary>It was stopped as it should be.</summary>
    public const string Stopped = "Stopped";

    /// <summary>It did not end within its grace and was killed.</summary>
    public const string Killed = "Killed";

    /// <summary>Its image cannot be pulled.</summary>
    public const string ImagePullBackOff = "ImagePullBackOff";

    /// <summary>It took more memory than its limit and was killed.</summary>
    public const string OomKilled = "OOMKilled";

    /// <summary>No node can take it: resources, selectors, taints.</summary>
    public const string Unschedulable = "Unschedulable";

    /// <summary>A quota of the platform leaves no room for it.</summary>
    public const string QuotaExceeded = "QuotaExceeded";

    /// <summary>The platform does not take it, for a reason of its own.</summary>
    public const string Refused = "Refused";

    /// <summary>It was ready, and answers on its readiness path no more.</summary>
    public const string Unready = "Unready";
}
