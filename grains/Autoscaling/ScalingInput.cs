using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.Autoscaling;

/// <summary>All that a decision rests on.</summary>
internal sealed record ScalingInput
{
    /// <summary>How pods follow the load.</summary>
    public required AutoscalerOptions Options { get; init; }

    /// <summary>The deployment's bounds, target and times.</summary>
    public required DeploymentConfiguration Configuration { get; init; }

    /// <summary>The most pods that the platform allows, whatever the configuration says.</summary>
    public required int Cap { get; init; }

    /// <summary>The load.</summary>
    public required LoadFigures Load { get; init; }

    /// <summary>How many pods were wanted until now; those that are starting are among them.</summary>
    public required int Present { get; init; }

    /// <summary>How many of them are ready.</summary>
    public required int Ready { get; init; }

    /// <summary>The most that the load has asked for within the scale-down delay.</summary>
    public int Held { get; init; }

    /// <summary>Until when the last burst lets no pod go, UTC.</summary>
    public DateTimeOffset? BurstUntil { get; init; }

    /// <summary>When pods were last taken away, UTC.</summary>
    public DateTimeOffset? LastDown { get; init; }

    /// <summary>
    /// Whether more pods may be wanted now. Crowds are counted for a moment and then served: while the pods that they called for start, and for
    /// a panic window of their work, those who come to wait call for no more.
    /// </summary>
    public bool MayRise { get; init; } = true;

    /// <summary>Whether there were pods before there were reports, as after a restart: what they are for is not known yet.</summary>
    public bool IsBlind { get; init; }

    /// <summary>The time, UTC.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Requests at once that a pod should have on average.</summary>
    public double Target => ScalingDecision.Target(Configuration);

    /// <summary>The most pods in force.</summary>
    public int Ceiling => Configuration.Pods.Ceiling(Cap);

    /// <summary>The fewest pods in force.</summary>
    public int Floor => Math.Min(Configuration.Pods.Min, Ceiling);

    /// <summary>Whether there has been no request for the idle time.</summary>
    public bool IsIdle => Load.Now == 0 && (Load.LastUse is not { } last || Now - last >= Configuration.IdleTimeout);
}
