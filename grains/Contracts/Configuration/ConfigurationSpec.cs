using DeployCard.Contracts.Runtimes;

namespace DeployCard.Contracts.Configuration;

/// <summary>
/// Configuration values that a user sets; null keeps the current value. On creation, null takes the value that the image suggests, or else
/// the default. Ranges and defaults are those of <see cref="DeploymentConfiguration"/>.
/// </summary>
[GenerateSerializer, Alias("configuration-spec"), Immutable]
public sealed record ConfigurationSpec
{
    /// <summary>Range of pods, for example <c>0-3</c>.</summary>
    [Id(0)]
    public string? Pods { get; init; }

    /// <summary>Processor cores of each pod; 0 means unlimited.</summary>
    [Id(1)]
    public double? Cpu { get; init; }

    /// <summary>Memory of each pod in bytes; 0 means unlimited.</summary>
    [Id(2)]
    public long? MemoryBytes { get; init; }

    /// <summary>Number of GPUs of each pod.</summary>
    [Id(3)]
    public int? Gpu { get; init; }

    /// <summary>Maximum number of concurrent requests per pod; 0 means unlimited.</summary>
    [Id(4)]
    public int? Concurrency { get; init; }

    /// <summary>Maximum time for a pod to become ready.</summary>
    [Id(5)]
    public TimeSpan? StartupTimeout { get; init; }

    /// <summary>Maximum time that a synchronous request waits for a pod.</summary>
    [Id(6)]
    public TimeSpan? QueueTimeout { get; init; }

    /// <summary>Maximum number of synchronous requests that wait concurrently in one gateway.</summary>
    [Id(7)]
    public int? QueueLength { get; init; }

    /// <summary>Maximum total duration of a synchronous request, after it was sent to a pod; 0 means unlimited.</summary>
    [Id(8)]
    public TimeSpan? RequestTimeout { get; init; }

    /// <summary>Time without requests after which pods above the minimum are removed.</summary>
    [Id(9)]
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>Time that a pod has to exit after it is asked to stop.</summary>
    [Id(10)]
    public TimeSpan? TerminationGracePeriod { get; init; }

    /// <summary>All environment variables of the serving script.</summary>
    [Id(11)]
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Maximum time from the last forwarded byte of a request to the first byte of the response.</summary>
    [Id(12)]
    public TimeSpan? FirstByteTimeout { get; init; }

    /// <summary>Maximum time without data on a stream after its response has started.</summary>
    [Id(13)]
    public TimeSpan? StreamIdleTimeout { get; init; }

    /// <summary>Maximum time for a pod of an earlier revision to finish its requests.</summary>
    [Id(14)]
    public TimeSpan? DrainTimeout { get; init; }

    /// <summary>
    /// Average number of concurrent requests per pod that the autoscaler aims for; 0 uses <see cref="Concurrency"/>, or 100 if that is
    /// unlimited.
    /// </summary>
    [Id(15)]
    public double? TargetConcurrency { get; init; }

    /// <summary>Time for which fewer pods must have been sufficient before a pod is removed.</summary>
    [Id(16)]
    public TimeSpan? ScaleDownDelay { get; init; }

    /// <summary>Average number of requests per second that each gateway admits; 0 means unlimited.</summary>
    [Id(17)]
    public double? RequestsPerSecond { get; init; }

    /// <summary>
    /// Maximum number of requests that each gateway admits in a burst; 0 means one second's worth of <see cref="RequestsPerSecond"/>, at
    /// least 1.
    /// </summary>
    [Id(18)]
    public int? RequestBurst { get; init; }

    /// <summary>Web origins whose pages may call the deployment.</summary>
    [Id(19)]
    public IReadOnlyList<string>? CorsOrigins { get; init; }

    /// <summary>Maximum size of the body of a synchronous request in bytes; 0 means unlimited.</summary>
    [Id(20)]
    public long? MaxRequestBytes { get; init; }

    /// <summary>Maximum number of asynchronous calls that have not ended.</summary>
    [Id(21)]
    public int? AsyncQueueLength { get; init; }

    /// <summary>Maximum total size in bytes of the request bodies of asynchronous calls that have not ended.</summary>
    [Id(22)]
    public long? AsyncQueueBytes { get; init; }

    /// <summary>Creates the specification for a new deployment from the defaults of its image.</summary>
    public static ConfigurationSpec From(ImageDefaults defaults) =>
        new()
        {
            Pods = defaults.Pods,
            Concurrency = defaults.Concurrency,
            StartupTimeout = defaults.StartupTimeout,
        };

    /// <summary>
    /// Returns <paramref name="present"/> with the values of this specification. The caller must have validated the specification with
    /// <c>DeploymentValidator</c>.
    /// </summary>
    public DeploymentConfiguration ApplyTo(DeploymentConfiguration present) =>
        present with
        {
            Pods = PodsRange.TryParse(Pods, out var range) ? range : present.Pods,
            Cpu = ZeroAsNull(Cpu ?? present.Cpu),
            MemoryBytes = ZeroAsNull(MemoryBytes ?? present.MemoryBytes),
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

    private static double? ZeroAsNull(double? value) => value is 0 ? null : value;

    private static long? ZeroAsNull(long? value) => value is 0 ? null : value;
}
