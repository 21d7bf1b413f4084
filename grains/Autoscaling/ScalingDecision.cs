using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.Autoscaling;

/// <summary>
/// How many pods a load wants. Up at once, for those who wait and for a burst, and then not again before the new pods have shown what they
/// can do; down late: not below the average over the stable window, nor below what is in flight now or was wanted within the scale-down
/// delay, nor after a burst, and to zero only after the idle time.
/// </summary>
internal static class ScalingDecision
{
    /// <summary>Requests at once that a pod without a bound of its own is reckoned for.</summary>
    public const int UnboundedTarget = 100;

    /// <summary>Keeps a quotient that is a whole number but for rounding from counting as more: 7 requests at a target of 0.7 are 10 pods.</summary>
    private const double Rounding = 1e-9;

    /// <summary>However often a decision is asked for, pods are divided only so often.</summary>
    private static readonly TimeSpan DownStep = TimeSpan.FromSeconds(1);

    /// <summary>How many pods there should be.</summary>
    public static Scaling For(ScalingInput input)
    {
        if (input.IsIdle)
            return Scaling.To(input.Floor, AtRest(input), input.Now);
        var isBurst = IsBurst(input);
        var wanted = Wanted(input, isBurst);
        var held = wanted.Pods < input.Present ? HeldBack(input, wanted, isBurst) : LimitedUp(input, wanted);
        var (pods, why) = Bounded(input, held);
        return new(pods, ScalingReason.Of(pods, why), input.Now) { Wanted = Math.Min(wanted.Pods, input.Ceiling), IsBurst = isBurst };
    }

    /// <summary>Requests at once that a pod should have on average.</summary>
    public static double Target(DeploymentConfiguration configuration) =>
        configuration.TargetConcurrency > 0 ? configuration.TargetConcurrency
        : configuration.Concurrency > 0 ? configuration.Concurrency
        : UnboundedTarget;

    private static string AtRest(ScalingInput input) =>
        input.Floor > 0 ? "the minimum"
        : input.Load.LastUse is null ? "no request"
        : $"no request for {ScalingReason.Time(input.Configuration.IdleTimeout)}";

    private static bool IsBurst(ScalingInput input) =>
        input.Load.Panic >= input.Options.PanicThreshold * input.Target * Math.Max(1, input.Ready);

    private static Step Wanted(ScalingInput input, bool isBurst)
    {
        var load = input.Load;
        var wanted = new Step(Steady(input), ScalingReason.OnAverage(load.Stable, Known(input, input.Options.StableWindow), input.Target));
        if (isBurst && Pods(load.Panic, input.Target) is var burst && burst > wanted.Pods)
            wanted = new(burst, ScalingReason.OnAverage(load.Panic, Known(input, input.Options.PanicWindow), input.Target, isBurst: true));
        if (load.Waiting > 0 && ForWaiting(input) is var crowd && crowd >= wanted.Pods)
            wanted = new(crowd, ScalingReason.Waiting(load.Waiting, load.InFlight, input.Target));
        return wanted.Pods > 0
            ? wanted
            : new(1, $"the last request was less than {ScalingReason.Time(input.Configuration.IdleTimeout)} ago");
    }

    /// <summary>What an average is really over: no more than there are reports for, in whole seconds.</summary>
    private static TimeSpan Known(ScalingInput input, TimeSpan window) =>
        input.Load.KnownFor >= window ? window : TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling(input.Load.KnownFor.TotalSeconds)));

    /// <summary>What the average asks for; a little more than the present pods are for asks for none.</summary>
    private static int Steady(ScalingInput input)
    {
        var pods = Pods(input.Load.Stable, input.Target);
        var isTolerable = input.Load.Stable <= input.Present * input.Target * (1 + input.Options.Tolerance);
        return pods > input.Present && isTolerable ? input.Present : pods;
    }

    /// <summary>
    /// All that a crowd wants when it comes. While it is worked off, no more than are there; where it stays though the pods that it called for
    /// serve, no more than a burst's worth of them: how many would do is known less well then than at first.
    /// </summary>
    private static int ForWaiting(ScalingInput input)
    {
        var (load, all) = (input.Load, Pods(input.Load.Now, input.Target));
        return input.Present == 0 ? all
            : load.IsWorkedOff && input.Ready > 0 ? Math.Min(all, input.Present)
            : load.IsStanding ? Math.Min(all, (int)Math.Ceiling(input.Present * input.Options.PanicThreshold))
            : all;
    }

    private static Step LimitedUp(ScalingInput input, Step wanted)
    {
        if (input.Present == 0 || wanted.Pods == input.Present)
            return wanted;
        if (!input.MayRise)
            return new(input.Present, $"{wanted.Why}; the latest pods are given time");
        var most = Math.Max(input.Present, (int)Math.Ceiling(Math.Max(1, input.Ready) * input.Options.MaxScaleUpRate));
        return wanted.Pods <= most
            ? wanted
            : new(most, $"{wanted.Why}, at most {ScalingReason.Number(input.Options.MaxScaleUpRate)} times the ready ones at once");
    }

    private static Step HeldBack(ScalingInput input, Step wanted, bool isBurst)
    {
        var (present, rate) = (input.Present, input.Options.MaxScaleDownRate);
        if (input.IsBlind)
            return new(present, $"kept until the load of {ScalingReason.Time(input.Options.StableWindow)} is known");
        if (isBurst || input.BurstUntil > input.Now)
            return new(present, $"{wanted.Why}; a burst less than {ScalingReason.Time(input.Options.StableWindow)} ago");
        if (Pods(input.Load.Now, input.Target) is var now && now > wanted.Pods)
            wanted = new(Math.Min(present, now), $"{wanted.Why}; {input.Load.Now} now");
        if (input.Held > wanted.Pods)
            wanted = new(
                Math.Min(present, input.Held),
                $"{wanted.Why}; more were wanted within the last {ScalingReason.Time(input.Configuration.ScaleDownDelay)}"
            );
        var least = input.Now - input.LastDown < DownStep ? present : (int)(present / rate);
        return wanted.Pods >= least ? wanted : new(least, $"{wanted.Why}, at most divided by {ScalingReason.Number(rate)} at once");
    }

    private static Step Bounded(ScalingInput input, Step wanted) =>
        wanted.Pods > input.Ceiling ? new(input.Ceiling, $"{wanted.Why}, at most {input.Ceiling}")
        : wanted.Pods < input.Floor ? new(input.Floor, $"{wanted.Why}, at least {input.Floor}")
        : wanted;

    private static int Pods(double requests, double target) => (int)Math.Ceiling(Math.Min(int.MaxValue, (requests / target) - Rounding));

    private readonly record struct Step(int Pods, string Why);
}
