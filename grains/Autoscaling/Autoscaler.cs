using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.Autoscaling;

/// <summary>
/// The load of one deployment and the little that a decision must know of those before it. It has no clock and no timer:
/// who owns it says when it is.
/// </summary>
internal sealed class Autoscaler(AutoscalerOptions options)
{
    private readonly ScalingHistory wanted = new();
    private DateTimeOffset? burstUntil;
    private DateTimeOffset? lastDown;
    private bool hasFoundPods;

    /// <summary>What gateways reported.</summary>
    public LoadWindow Load { get; } = new(options);

    /// <summary>How many pods were decided on last.</summary>
    public int Present { get; private set; }

    /// <summary>Takes over pods that were there before any report: they stay until it is known what they are for.</summary>
    public void Adopt(int pods, DateTimeOffset now)
    {
        (Present, hasFoundPods) = (Math.Max(Present, pods), pods > 0);
        if (hasFoundPods)
            Load.NoteUse(now);
    }

    /// <summary>Forgets pods and decisions: a person stopped them.</summary>
    public void Rest()
    {
        wanted.Clear();
        (Present, burstUntil, lastDown, hasFoundPods) = (0, null, null, false);
    }

    /// <summary>What would be decided now.</summary>
    public Scaling Look(DeploymentConfiguration configuration, int ready, int cap, DateTimeOffset now)
    {
        var load = Load.Figures(now);
        return ScalingDecision.For(new()
        {
            Options = options,
            Configuration = configuration,
            Cap = cap,
            Load = load,
            Present = Present,
            Ready = ready,
            Held = wanted.Most(since: now - configuration.ScaleDownDelay),
            BurstUntil = burstUntil,
            LastDown = lastDown,
            IsBlind = hasFoundPods && load.KnownFor < options.StableWindow,
            Now = now,
        });
    }

    /// <summary>Decides.</summary>
    public Scaling Decide(DeploymentConfiguration configuration, int ready, int cap, DateTimeOffset now)
    {
        var decision = Look(configuration, ready, cap, now);
        wanted.Add(now, decision.Wanted);
        if (decision.IsBurst)
            burstUntil = now + options.StableWindow;
        if (decision.Pods < Present)
            lastDown = now;
        if (decision.Pods == 0)
            hasFoundPods = false;
        Present = decision.Pods;
        return decision;
    }
}
