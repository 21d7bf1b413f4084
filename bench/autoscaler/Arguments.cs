using DeployCard.Grains.Autoscaling;
using DeployCard.Grains.Deployments;

namespace DeployCard.Bench.Scaling;

/// <summary>What can be said on the command line, as in <c>--startup 20 --Autoscaling:StableWindow 00:00:30</c>. Times are seconds.</summary>
internal sealed class Arguments
{
    /// <summary>A built-in trace, <c>all</c> of them, or a file of lines <c>second,requests_per_second</c>.</summary>
    public string Trace { get; set; } = "all";

    /// <summary>Range of pods.</summary>
    public string Pods { get; set; } = "0-100";

    /// <summary>Requests that a pod works on at once.</summary>
    public int Concurrency { get; set; } = 4;

    /// <summary>Requests at once that a pod should have; 0 for the concurrency.</summary>
    public double Target { get; set; }

    /// <summary>From the start of a pod until it is ready.</summary>
    public double Startup { get; set; } = 10;

    /// <summary>Mean time that a pod works on a request.</summary>
    public double Service { get; set; } = 0.5;

    /// <summary>Its coefficient of variation (log-normal); 0 for a constant.</summary>
    public double Variation { get; set; } = 1;

    /// <summary>Scale-down delay.</summary>
    public double Delay { get; set; } = 60;

    /// <summary>Idle time to zero.</summary>
    public double Idle { get; set; } = 300;

    /// <summary>How many gateways share the requests.</summary>
    public int Gateways { get; set; } = 2;

    /// <summary>The seed of arrivals and service times: the same one gives the same run.</summary>
    public int Seed { get; set; } = 1;

    /// <summary>Whether each change of the number is told with its reason.</summary>
    public bool Explain { get; set; }

    /// <summary>The autoscaler's settings.</summary>
    public AutoscalerOptions Autoscaling { get; set; } = new();

    /// <summary>The deployment's.</summary>
    public DeploymentConfiguration Configuration =>
        new()
        {
            Pods = PodsRange.TryParse(Pods, out var range)
                ? range
                : throw new ArgumentException($"--pods must be {PodsRange.Allowed}; '{Pods}' was given."),
            Concurrency = Concurrency,
            TargetConcurrency = Target,
            ScaleDownDelay = TimeSpan.FromSeconds(Delay),
            IdleTimeout = TimeSpan.FromSeconds(Idle),
        };

    /// <inheritdoc/>
    public override string ToString() =>
        $"pods {Pods}, concurrency {Concurrency}, target {(Target > 0 ? Target : Concurrency)}, start-up {Startup} s, service {Service} s (variation {Variation}), "
        + $"scale-down delay {Delay} s, idle {Idle} s, {Gateways} gateways, seed {Seed}";
}
