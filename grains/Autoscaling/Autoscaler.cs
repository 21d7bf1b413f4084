using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.Autoscaling;

/// <summary>
/// The load of one deployment and the little that a decision must know of those before it. It has no clock and no timer:
/// who owns it says when it is.
/// </summary>
internal sealed class Autoscaler(AutoscalerOptions options)
{
    /// <summary>Within this, reports of all gateways are of the same crowd: they come every second, and on their way for a moment.</summary>
    private static readonly TimeSpan CrowdTime = TimeSpan.FromSeconds(1.5);

    private readonly ScalingHistory wanted = new();
    private DateTimeOffset? rising;
    private int crowd;
    private DateTimeOffset? readier;
    private int lastReady;
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
        (Present, burstUntil, lastDown, rising, hasFoundPods) = (0, null, null, null, false);
    }

    /// <summary>
    /// Ends the idle time now, where there was no request within the stable window: pods that have nothing to do and cannot stay need no others in
    /// their place.
    /// </summary>
    public void EndIdleTime(DateTimeOffset now)
    {
        if (Load.Figures(now) is { Now: 0 } load && !(now - load.LastUse < options.StableWindow))
            Load.ForgetUse();
    }

    /// <summary>Takes a gateway's report in.</summary>
    public void Take(LoadReport report, DateTimeOffset now)
    {
        Load.Add(report, now);
        CountCrowd(now);
    }

    /// <summary>What would be decided now.</summary>
    public Scaling Look(DeploymentConfiguration configuration, int ready, int cap, DateTimeOffset now)
    {
        var load = Load.Figures(now);
        return ScalingDecision.For(
            new()
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
                MayRise = MayRise(ready, load.Waiting, now),
                IsBlind = hasFoundPods && load.KnownFor < options.StableWindow,
                Now = now,
            }
        );
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
        if (decision.Pods > Present && !(now - rising <= CrowdTime))
            (rising, crowd) = (now, 0);
        CountCrowd(now);
        if (ready > lastReady)
            readier = now;
        lastReady = ready;
        if (decision.Pods == 0)
            hasFoundPods = false;
        Present = decision.Pods;
        return decision;
    }

    private void CountCrowd(DateTimeOffset now)
    {
        if (now - rising <= CrowdTime)
            crowd = Math.Max(crowd, Load.Figures(now).Waiting);
    }

    /// <summary>
    /// A crowd is counted for a moment; then the pods that it called for have the time to start and a panic window to serve it. Another crowd is
    /// one that is twice what the first would be by now had it gone on as it began: 20 who come to wait in 1.5 s and 60 after 4.5 s are one.
    /// Pods that never become ready hold nobody up for longer than a stable window.
    /// </summary>
    private bool MayRise(int ready, int waiting, DateTimeOffset now)
    {
        if (rising is not { } at || now - at <= CrowdTime || now - at >= options.StableWindow)
            return true;
        var isAnother = waiting > 2 * Math.Max(1, crowd) * ((now - at) / CrowdTime);
        var hasServed = ready >= Present && ready <= lastReady && now - at >= options.PanicWindow && !(now - readier < options.PanicWindow);
        return isAnother || hasServed;
    }
}
