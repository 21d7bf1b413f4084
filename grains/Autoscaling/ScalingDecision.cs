using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.Autoscaling;

/// <summary>How many pods a load wants.</summary>
public static class ScalingDecision
{
    /// <summary>Requests at once that a pod without a bound of its own is reckoned for.</summary>
    public const int UnboundedTarget = 100;

    /// <summary>How many pods there should be.</summary>
    /// <param name="configuration">The bounds.</param>
    /// <param name="peak">The most requests at once of late.</param>
    /// <param name="lastUse">When it was last wanted: its last request, or its start.</param>
    /// <param name="cap">The most pods that the platform allows, whatever the configuration says.</param>
    /// <param name="now">The time.</param>
    public static int Pods(DeploymentConfiguration configuration, int peak, DateTimeOffset? lastUse, int cap, DateTimeOffset now)
    {
        var target = configuration.Concurrency > 0 ? configuration.Concurrency : UnboundedTarget;
        var wanted = (peak + target - 1) / target;
        if (wanted == 0 && now - lastUse < configuration.IdleTimeout)
            wanted = 1;
        var ceiling = configuration.Pods.Ceiling(cap);
        return Math.Clamp(wanted, Math.Min(configuration.Pods.Min, ceiling), ceiling);
    }
}
