using System.Text.Json.Serialization;
namespace DeployCard.Grains.Deployments;

/// <summary>How a revision runs. It is part of the revision and never changes with it.</summary>
[GenerateSerializer, Alias("deployment-configuration"), Immutable]
public sealed record DeploymentConfiguration
{
    /// <summary>How many pods, 0-1 when nothing else is said.</summary>
    [Id(0)]
    public PodsRange Pods { get; init; } = new(0, 1);

    /// <summary>Processor cores of a pod, 0.01 to 1024; null for no bound.</summary>
    [Id(1)]
    public double? Cpu { get; init; }

    /// <summary>Memory of a pod in bytes, 1 MiB to 64 TiB; null for no bound.</summary>
    [Id(2)]
    public long? MemoryBytes { get; init; }

    /// <summary>Graphics processors of a pod, 0 to 64.</summary>
    [Id(3)]
    public int Gpu { get; init; }

    /// <summary>Requests that a pod works on at once, 1 to 100,000; 0 for no bound.</summary>
    [Id(4)]
    public int Concurrency { get; init; }

    /// <summary>How long a pod may take to become ready, 1 s to 1 h.</summary>
    [Id(5)]
    public TimeSpan StartupTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a synchronous request may wait for a pod, 1 s to 1 h.</summary>
    [Id(6)]
    public TimeSpan QueueTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many synchronous requests may wait for a pod at once in one gateway, 0 to 100,000.</summary>
    [Id(7)]
    public int QueueLength { get; init; } = 1000;

    /// <summary>
    /// How long a synchronous request may take as a whole once a pod has it, 1 s to 24 h; 0 for no bound, so that no stream is cut for its length.
    /// It ends where a connection is upgraded.
    /// </summary>
    [Id(8)]
    public TimeSpan RequestTimeout { get; init; }

    /// <summary>How long without requests before the pods above the minimum are removed, 1 s to 24 h.</summary>
    [Id(9)]
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a pod has to end once it is asked to, and before that to finish its requests when the deployment is stopped or deleted, 0 s to 1 h.</summary>
    [Id(10)]
    [JsonPropertyName("stopGrace")]
    public TimeSpan TerminationGracePeriod { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Environment variables of the serving script, at most 200.</summary>
    [Id(11)]
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>How long the first byte of a pod's answer may take, from the last byte of the request that has moved, 1 s to 24 h.</summary>
    [Id(12)]
    public TimeSpan FirstByteTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a stream may be silent in both directions once its answer has begun, 1 s to 24 h. It ends where a connection is upgraded.</summary>
    [Id(13)]
    public TimeSpan StreamIdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a pod of an earlier revision may take to finish its requests before it is asked to end, 0 s to 7 days.</summary>
    [Id(14)]
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Requests at once that the autoscaler wants a pod to have on average, 0.1 to 100,000; 0 for the concurrency, and for 100 where that has no bound.
    /// </summary>
    [Id(15)]
    public double TargetConcurrency { get; init; }

    /// <summary>How long fewer pods must have been enough before one is taken away, 0 s to 1 h.</summary>
    [Id(16)]
    public TimeSpan ScaleDownDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Requests for each second that one gateway lets through on average, 0.01 to 1,000,000; 0 for no bound.</summary>
    [Id(17)]
    public double RequestsPerSecond { get; init; }

    /// <summary>Requests that may come at once above that rate, 1 to 1,000,000; 0 for one second's worth.</summary>
    [Id(18)]
    public int RequestBurst { get; init; }

    /// <summary>Web origins whose pages may call the deployment, as in <c>https://app.example.com</c>, or <c>*</c> for all; none: cross-origin calls are not answered. At most 50.</summary>
    [Id(19)]
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>The longest body of a synchronous request in bytes, 1 to 1 TiB; 0 for no bound.</summary>
    [Id(20)]
    public long MaxRequestBytes { get; init; }

    /// <summary>How many asynchronous calls there may be that have not ended, 0 to 10,000,000.</summary>
    [Id(21)]
    public int AsyncQueueLength { get; init; } = 100_000;

    /// <summary>How long the bodies of their requests may be together, in bytes, 0 to 16 TiB.</summary>
    [Id(22)]
    public long AsyncQueueBytes { get; init; } = 10L << 30;

    /// <summary>Whether both say the same; environment and origins by their contents.</summary>
    internal bool SameAs(DeploymentConfiguration other) =>
        this with { Environment = other.Environment, CorsOrigins = other.CorsOrigins } == other
        && Environment.Count == other.Environment.Count
        && !Environment.Except(other.Environment).Any()
        && CorsOrigins.SequenceEqual(other.CorsOrigins);
}
