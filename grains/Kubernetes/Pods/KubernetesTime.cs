namespace DeployCard.Kubernetes.Pods;

/// <summary>Times in objects of Kubernetes, which have whole seconds.</summary>
internal static class KubernetesTime
{
    /// <summary>Returns the time in UTC; null if the object has no such time.</summary>
    public static DateTimeOffset? ToUtc(DateTime? time) =>
        time is { } at ? new DateTimeOffset(DateTime.SpecifyKind(at.ToUniversalTime(), DateTimeKind.Utc)) : null;
}
