using DeployCard.Grains.Runtimes;

namespace DeployCard.Grains.Deployments;

/// <summary>What a person wants of a configuration; null leaves a value as it is (on creation: as the image suggests, else the default).</summary>
[GenerateSerializer, Alias("configuration-spec"), Immutable]
public sealed record ConfigurationSpec
{
    /// <summary>Range of pods, as in <c>0-3</c>.</summary>
    [Id(0)] public string? Pods { get; init; }

    /// <summary>Processor cores of a pod; 0 for no bound.</summary>
    [Id(1)] public double? Cpu { get; init; }

    /// <summary>Memory of a pod in bytes; 0 for no bound.</summary>
    [Id(2)] public long? MemoryBytes { get; init; }

    /// <summary>Graphics processors of a pod.</summary>
    [Id(3)] public int? Gpu { get; init; }

    /// <summary>Requests at once for each pod; 0 for no bound.</summary>
    [Id(4)] public int? Concurrency { get; init; }

    /// <summary>How long a pod may take to become ready.</summary>
    [Id(5)] public TimeSpan? StartupTimeout { get; init; }

    /// <summary>How long a synchronous request may wait for a pod.</summary>
    [Id(6)] public TimeSpan? QueueTimeout { get; init; }

    /// <summary>How many synchronous requests may wait at once in one gateway.</summary>
    [Id(7)] public int? QueueLength { get; init; }

    /// <summary>How long a synchronous request may take once a pod has it.</summary>
    [Id(8)] public TimeSpan? RequestTimeout { get; init; }

    /// <summary>How long without requests before pods above the minimum are removed.</summary>
    [Id(9)] public TimeSpan? IdleTimeout { get; init; }

    /// <summary>How long a pod has to end.</summary>
    [Id(10)] public TimeSpan? StopGrace { get; init; }

    /// <summary>All environment variables of the serving script.</summary>
    [Id(11)] public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>The wish for a new deployment of an image.</summary>
    public static ConfigurationSpec From(ImageDefaults defaults) => new()
    {
        Pods = defaults.Pods,
        Concurrency = defaults.Concurrency,
        StartupTimeout = defaults.StartupTimeout,
    };

    /// <summary>The configuration that comes of this wish on top of <paramref name="present"/>. The wish must have passed <see cref="DeploymentValidator"/>.</summary>
    public DeploymentConfiguration ApplyTo(DeploymentConfiguration present) => present with
    {
        Pods = PodsRange.TryParse(Pods, out var range) ? range : present.Pods,
        Cpu = Bound(Cpu ?? present.Cpu),
        MemoryBytes = Bound(MemoryBytes ?? present.MemoryBytes),
        Gpu = Gpu ?? present.Gpu,
        Concurrency = Concurrency ?? present.Concurrency,
        StartupTimeout = StartupTimeout ?? present.StartupTimeout,
        QueueTimeout = QueueTimeout ?? present.QueueTimeout,
        QueueLength = QueueLength ?? present.QueueLength,
        RequestTimeout = RequestTimeout ?? present.RequestTimeout,
        IdleTimeout = IdleTimeout ?? present.IdleTimeout,
        StopGrace = StopGrace ?? present.StopGrace,
        Environment = Environment ?? present.Environment,
    };

    private static double? Bound(double? value) => value is 0 ? null : value;

    private static long? Bound(long? value) => value is 0 ? null : value;
}
