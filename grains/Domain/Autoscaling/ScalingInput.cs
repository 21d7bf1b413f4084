using DeployCard.Contracts.Configuration;

namespace DeployCard.Domain.Autoscaling;

/// <summary>All inputs of a scaling decision.</summary>
internal sealed record ScalingInput
{
    /// <summary>Settings of the autoscaler.</summary>
    public required AutoscalerOptions Options { get; init; }

    /// <summary>Configuration of the deployment: range, target and delays.</summary>
    public required DeploymentConfiguration Configuration { get; init; }

    /// <summary>Maximum number of pods per deployment that the installation allows.</summary>
    public required int PodLimit { get; init; }

    /// <summary>Load of the deployment.</summary>
    public required LoadSnapshot Load { get; init; }

    /// <summary>Number of pods that the previous decision wanted, including pods that are starting.</summary>
    public required int CurrentPods { get; init; }

    /// <summary>Number of pods that are ready.</summary>
    public required int ReadyPods { get; init; }

    /// <summary>Highest number of pods that the load required within the scale-down delay.</summary>
    public int RecentPeak { get; init; }

    /// <summary>End of the period in which the last burst blocks scaling down, UTC; null without a burst.</summary>
    public DateTimeOffset? ScaleDownBlockedUntil { get; init; }

    /// <summary>Time of the last reduction of pods, UTC; null without a reduction.</summary>
    public DateTimeOffset? LastScaleDownAt { get; init; }

    /// <summary>
    /// Whether scaling up is allowed. It is held while the pods of the last scale-up start and for one panic window after that.
    /// </summary>
    public bool CanScaleUp { get; init; } = true;

    /// <summary>
    /// Whether pods existed before there were load reports, as after a restart, and the load they serve is not known yet.
    /// </summary>
    public bool IsWarmingUp { get; init; }

    /// <summary>Time of the decision, UTC.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Average number of concurrent requests per pod to aim for.</summary>
    public double Target => ScalingPolicy.GetTarget(Configuration);

    /// <summary>Effective maximum number of pods.</summary>
    public int MaxPods => Configuration.Pods.GetEffectiveMax(PodLimit);

    /// <summary>Effective minimum number of pods.</summary>
    public int MinPods => Math.Min(Configuration.Pods.Min, MaxPods);

    /// <summary>Whether the idle timeout has passed without a request.</summary>
    public bool IsIdle => Load.Total == 0 && (Load.LastActivityAt is not { } last || Now - last >= Configuration.IdleTimeout);
}
