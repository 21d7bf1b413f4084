using DeployCard.Contracts.Configuration;
using DeployCard.Domain.Autoscaling;

namespace DeployCard.Bench.Scaling;

/// <summary>
/// Command-line arguments, such as <c>--startup 20 --Autoscaling:StableWindow 00:00:30</c>. Other durations are in seconds.
/// </summary>
internal sealed class Arguments
{
    /// <summary>Name of a built-in trace, <c>all</c> (default), or a file with lines of <c>second,requests_per_second</c>.</summary>
    public string Trace { get; set; } = "all";

    /// <summary>Range of pods of the deployment; default 0-100.</summary>
    public string Pods { get; set; } = "0-100";

    /// <summary>Number of requests that a pod processes concurrently; default 4.</summary>
    public int Concurrency { get; set; } = 4;

    /// <summary>Target number of concurrent requests per pod; 0 (default) means <see cref="Concurrency"/>.</summary>
    public double Target { get; set; }

    /// <summary>Time from the start of a pod until it is ready, in seconds; default 10.</summary>
    public double Startup { get; set; } = 10;

    /// <summary>Mean service time of a request, in seconds; default 0.5.</summary>
    public double Service { get; set; } = 0.5;

    /// <summary>Coefficient of variation of the service time, which is log-normal; 0 means a constant time, default 1.</summary>
    public double Variation { get; set; } = 1;

    /// <summary>Scale-down delay of the deployment, in seconds; default 60.</summary>
    public double Delay { get; set; } = 60;

    /// <summary>Idle time before scaling to zero, in seconds; default 300.</summary>
    public double Idle { get; set; } = 300;

    /// <summary>Number of gateways that share the requests; default 2.</summary>
    public int Gateways { get; set; } = 2;

    /// <summary>Seed of arrivals and service times; runs with the same seed are identical. Default 1.</summary>
    public int Seed { get; set; } = 1;

    /// <summary>Whether each change of the number of pods is printed with its reason; default false.</summary>
    public bool Explain { get; set; }

    /// <summary>Settings of the autoscaler.</summary>
    public AutoscalerOptions Autoscaling { get; set; } = new();

    /// <summary>Configuration of the simulated deployment.</summary>
    public DeploymentConfiguration Configuration =>
        new()
        {
            Pods = PodsRange.TryParse(Pods, out var range)
                ? range
                : throw new ArgumentException($"--pods must be {PodsRange.Allowed}; got '{Pods}'"),
            Concurrency = Concurrency,
            TargetConcurrency = Target,
            ScaleDownDelay = TimeSpan.FromSeconds(Delay),
            IdleTimeout = TimeSpan.FromSeconds(Idle),
        };

    /// <inheritdoc/>
    public override string ToString() =>
        $"pods {Pods}, concurrency {Concurrency}, target {(Target > 0 ? Target : Concurrency)}, start-up {Startup} s, "
        + $"service {Service} s (variation {Variation}), scale-down delay {Delay} s, idle {Idle} s, {Gateways} gateways, seed {Seed}";
}
