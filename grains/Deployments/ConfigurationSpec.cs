using DeployCard.Grains.Runtimes;

namespace DeployCard.Grains.Deployments;

/// <summary>What a person wants of a configuration; null leaves a value as it is (on creation: as the image suggests, else the default).</summary>
[GenerateSerializer, Alias("configuration-spec"), Immutable]
public sealed record ConfigurationSpec
{
    /// <summary>Range of pods, as in <c>0-3</c>.</summary>
    [Id(0)]
    public string? Pods { get; init; }

    /// <summary>Processor cores of a pod; 0 for no bound.</summary>
    [Id(1)]
    public double? Cpu { get; init; }

    /// <summary>Memory of a pod in bytes; 0 for no bound.</summary>
    [Id(2)]
    public long? MemoryBytes { get; init; }

    /// <summary>Graphics processors of a pod.</summary>
    [Id(3)]
    public int? Gpu { get; init; }

    /// <summary>Requests at once for each pod; 0 for no bound.</summary>
    [Id(4)]
    public int? Concurrency { get; init; }

    /// <summary>How long a pod may take to become ready.</summary>
    [Id(5)]
    public TimeSpan? StartupTimeout { get; init; }

    /// <summary>How long a synchronous request may wait for a pod.</summary>
    [Id(6)]
    public TimeSpan? QueueTimeout { get; init; }

    /// <summary>How many synchronous requests may wait at once in one gateway.</summary>
    [Id(7)]
    public int? QueueLength { get; init; }

    /// <summary>How long a synchronous request may take as a whole once a pod has it; 0 for no bound.</summary>
    [Id(8)]
    public TimeSpan? RequestTimeout { get; init; }

    /// <summary>How long without requests before pods above the minimum are removed.</summary>
    [Id(9)]
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>How long a pod has to end once it is asked to.</summary>
    [Id(10)]
    public TimeSpan? TerminationGracePeriod { get; init; }

    /// <summary>All environment variables of the serving script.</summary>
    [Id(11)]
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>How long the first byte of a pod's answer may take.</summary>
    [Id(12)]
    public TimeSpan? FirstByteTimeout { get; init; }

    /// <summary>How long a stream may be silent once its answer has begun.</summary>
    [Id(13)]
    public TimeSpan? StreamIdleTimeout { get; init; }

    /// <summary>How long a pod of an earlier revision may take to finish its requests.</summary>
    [Id(14)]
    public TimeSpan? DrainTimeout { get; init; }

    /// <summary>Requests at once that the autoscaler wants a pod to have on average; 0 for the concurrency.</summary>
    [Id(15)]
    public double? TargetConcurrency { get; init; }

    /// <summary>How long fewer pods must have been enough before one is taken away.</summary>
    [Id(16)]
    public TimeSpan? ScaleDownDelay { get; init; }

    /// <summary>Requests for each second that one gateway lets through on average; 0 for no bound.</summary>
    [Id(17)]
    public double? RequestsPerSecond { get; init; }

    /// <summary>Requests that may come at once above that rate; 0 for one second's worth.</summary>
    [Id(18)]
    public int? RequestBurst { get; init; }

    /// <summary>Web origins whose pages may call the deployment.</summary>
    [Id(19)]
    public IReadOnlyList<string>? CorsOrigins { get; init; }

    /// <summary>The longest body of a synchronous request in bytes; 0 for no bound.</summary>
    [Id(20)]
    public long? MaxRequestBytes { get; init; }

    /// <summary>How many asynchronous calls there may be that have not ended.</summary>
    [Id(21)]
    public int? AsyncQueueLength { get; init; }

    /// <summary>How long the bodies of their requests may be together, in bytes.</summary>
    [Id(22)]
    public long? AsyncQueueBytes { get; init; }

    /// <summary>The wish for a new deployment of an image.</summary>
    public static ConfigurationSpec From(ImageDefaults defaults) =>
        new()
        {
            Pods = defaults.Pods,
            Concurrency = defaults.Concurrency,
            StartupTimeout = defaults.StartupTimeout,
        };

    /// <summary>The configuration that comes of this wish on top of <paramref name="present"/>. The wish must have passed <see cref="DeploymentValidator"/>.</summary>
    public DeploymentConfiguration ApplyTo(DeploymentConfiguration present) =>
        present with
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
            TerminationGracePeriod = TerminationGracePeriod ?? present.TerminationGracePeriod,
            Environment = Environment ?? present.Environment,
            FirstByteTimeout = FirstByteTimeout ?? present.FirstByteTimeout,
            StreamIdleTimeout = StreamIdleTimeout ?? present.StreamIdleTimeout,
            DrainTimeout = DrainTimeout ?? present.DrainTimeout,
            TargetConcurrency = TargetConcurrency ?? present.TargetConcurrency,
            ScaleDownDelay = ScaleDownDelay ?? present.ScaleDownDelay,
            RequestsPerSecond = RequestsPerSecond ?? present.RequestsPerSecond,
            RequestBurst = RequestBurst ?? present.RequestBurst,
            CorsOrigins = CorsOrigins ?? present.CorsOrigins,
            MaxRequestBytes = MaxRequestBytes ?? present.MaxRequestBytes,
            AsyncQueueLength = AsyncQueueLength ?? present.AsyncQueueLength,
            AsyncQueueBytes = AsyncQueueBytes ?? present.AsyncQueueBytes,
        };

    private static double? Bound(double? value) => value is 0 ? null : value;

    private static long? Bound(long? value) => value is 0 ? null : value;
}
