using DeployCard.Contracts.Configuration;

namespace DeployCard.Domain.Autoscaling;

/// <summary>
/// Rules for the number of pods. Scaling up is immediate for waiting requests and for a burst; then it is held until the new pods had time
/// to serve. Scaling down is slow: never below the average over the stable window, the current load or the peak within the scale-down
/// delay, and not within one stable window after a burst. Scaling to zero requires the idle time to pass.
/// </summary>
internal static class ScalingPolicy
{
    /// <summary>Target for pods with neither a target concurrency nor a concurrency limit, in concurrent requests.</summary>
    public const int DefaultTarget = 100;

    /// <summary>Tolerance for rounding errors, so that 7 requests at a target of 0.7 require 10 pods and not 11.</summary>
    private const double RoundingTolerance = 1e-9;

    /// <summary>Minimum time between two reductions, however often a decision is requested.</summary>
    private static readonly TimeSpan ScaleDownInterval = TimeSpan.FromSeconds(1);

    /// <summary>Decides how many pods are wanted.</summary>
    public static ScalingDecision Decide(ScalingInput input)
    {
        if (input.IsIdle)
            return ScalingDecision.Create(input.MinPods, IdleReason(input), input.Now);
        var isBurst = IsBurst(input);
        var wanted = ComputeDemand(input, isBurst);
        var held = wanted.Pods < input.CurrentPods ? LimitScaleDown(input, wanted, isBurst) : LimitScaleUp(input, wanted);
        var (pods, why) = Clamp(input, held);
        return new(pods, ScalingReason.Format(pods, why), input.Now)
        {
            RequiredPods = Math.Min(wanted.Pods, input.MaxPods),
            IsBurst = isBurst,
        };
    }

    /// <summary>Returns the average number of concurrent requests per pod to aim for.</summary>
    public static double GetTarget(DeploymentConfiguration configuration) =>
        configuration.TargetConcurrency > 0 ? configuration.TargetConcurrency
        : configuration.Concurrency > 0 ? configuration.Concurrency
        : DefaultTarget;

    private static string IdleReason(ScalingInput input) =>
        input.MinPods > 0 ? "the minimum"
        : input.Load.LastActivityAt is null ? "no requests"
        : $"no requests for {ScalingReason.FormatDuration(input.Configuration.IdleTimeout)}";

    private static bool IsBurst(ScalingInput input) =>
        input.Load.PanicInFlight >= input.Options.PanicThreshold * input.Target * Math.Max(1, input.ReadyPods);

    private static Step ComputeDemand(ScalingInput input, bool isBurst)
    {
        var load = input.Load;
        var wanted = new Step(
            PodsForAverage(input),
            ScalingReason.ForAverage(load.StableInFlight, CoveredTime(input, input.Options.StableWindow), input.Target)
        );
        if (isBurst && Pods(load.PanicInFlight, input.Target) is var burst && burst > wanted.Pods)
            wanted = new(
                burst,
                ScalingReason.ForAverage(load.PanicInFlight, CoveredTime(input, input.Options.PanicWindow), input.Target, isBurst: true)
            );
        if (load.Waiting > 0 && PodsForBacklog(input) is var backlog && backlog >= wanted.Pods)
            wanted = new(backlog, ScalingReason.ForWaiting(load.Waiting, load.InFlight, input.Target));
        return wanted.Pods > 0
            ? wanted
            : new(1, $"the last request was less than {ScalingReason.FormatDuration(input.Configuration.IdleTimeout)} ago");
    }

    /// <summary>Returns the part of a window that reports cover, in whole seconds.</summary>
    private static TimeSpan CoveredTime(ScalingInput input, TimeSpan window) =>
        input.Load.ObservedFor >= window ? window : TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling(input.Load.ObservedFor.TotalSeconds)));

    /// <summary>Returns the number of pods that the stable average requires. An excess within the tolerance does not add a pod.</summary>
    private static int PodsForAverage(ScalingInput input)
    {
        var pods = Pods(input.Load.StableInFlight, input.Target);
        var isTolerable = input.Load.StableInFlight <= input.CurrentPods * input.Target * (1 + input.Options.Tolerance);
        return pods > input.CurrentPods && isTolerable ? input.CurrentPods : pods;
    }

    /// <summary>
    /// Returns the number of pods that the current requests require while some are waiting. A new backlog gets all the pods it needs. A
    /// shrinking backlog adds none. A backlog that persists multiplies the pods by at most the panic threshold, because the demand is known
    /// less precisely then.
    /// </summary>
    private static int PodsForBacklog(ScalingInput input)
    {
        var (load, all) = (input.Load, Pods(input.Load.Total, input.Target));
        return input.CurrentPods == 0 ? all
            : load.IsBacklogShrinking && input.ReadyPods > 0 ? Math.Min(all, input.CurrentPods)
            : load.IsBacklogPersistent ? Math.Min(all, (int)Math.Ceiling(input.CurrentPods * input.Options.PanicThreshold))
            : all;
    }

    private static Step LimitScaleUp(ScalingInput input, Step wanted)
    {
        if (input.CurrentPods == 0 || wanted.Pods == input.CurrentPods)
            return wanted;
        if (!input.CanScaleUp)
            return new(input.CurrentPods, $"{wanted.Why}; waiting for recently started pods");
        var most = Math.Max(input.CurrentPods, (int)Math.Ceiling(Math.Max(1, input.ReadyPods) * input.Options.MaxScaleUpRate));
        return wanted.Pods <= most
            ? wanted
            : new(most, $"{wanted.Why}, at most {ScalingReason.FormatNumber(input.Options.MaxScaleUpRate)} times the ready pods");
    }

    private static Step LimitScaleDown(ScalingInput input, Step wanted, bool isBurst)
    {
        var (present, rate) = (input.CurrentPods, input.Options.MaxScaleDownRate);
        if (input.IsWarmingUp)
            return new(present, $"kept until {ScalingReason.FormatDuration(input.Options.StableWindow)} of load have been observed");
        if (isBurst || input.ScaleDownBlockedUntil > input.Now)
            return new(
                present,
                $"{wanted.Why}; there was a burst within the last {ScalingReason.FormatDuration(input.Options.StableWindow)}"
            );
        if (Pods(input.Load.Total, input.Target) is var now && now > wanted.Pods)
            wanted = new(Math.Min(present, now), $"{wanted.Why}; {input.Load.Total} in flight or waiting now");
        if (input.RecentPeak > wanted.Pods)
            wanted = new(
                Math.Min(present, input.RecentPeak),
                $"{wanted.Why}; the peak was higher within the last {ScalingReason.FormatDuration(input.Configuration.ScaleDownDelay)}"
            );
        var least = input.Now - input.LastScaleDownAt < ScaleDownInterval ? present : (int)(present / rate);
        return wanted.Pods >= least
            ? wanted
            : new(least, $"{wanted.Why}, reduced by at most a factor of {ScalingReason.FormatNumber(rate)} per second");
    }

    private static Step Clamp(ScalingInput input, Step wanted) =>
        wanted.Pods > input.MaxPods ? new(input.MaxPods, $"{wanted.Why}, at most {input.MaxPods}")
        : wanted.Pods < input.MinPods ? new(input.MinPods, $"{wanted.Why}, at least {input.MinPods}")
        : wanted;

    private static int Pods(double requests, double target) =>
        (int)Math.Ceiling(Math.Min(int.MaxValue, (requests / target) - RoundingTolerance));

    private readonly record struct Step(int Pods, string Why);
}
