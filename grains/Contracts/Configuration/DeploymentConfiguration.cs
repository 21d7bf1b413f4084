using System.Text.Json.Serialization;

namespace DeployCard.Contracts.Configuration;

/// <summary>Configuration of a revision: resources, limits and timeouts. It is part of the revision and never changes.</summary>
[GenerateSerializer, Alias("deployment-configuration"), Immutable]
public sealed record DeploymentConfiguration
{
    /// <summary>Range of the number of pods; default 0-1.</summary>
    [Id(0)]
    public PodsRange Pods { get; init; } = new(0, 1);

    /// <summary>Processor cores of each pod, 0.01 to 1024; null if unlimited.</summary>
    [Id(1)]
    public double? Cpu { get; init; }

    /// <summary>Memory of each pod in bytes, 1 MiB to 64 TiB; null if unlimited.</summary>
    [Id(2)]
    public long? MemoryBytes { get; init; }

    /// <summary>Number of GPUs of each pod, 0 to 64.</summary>
    [Id(3)]
    public int Gpu { get; init; }

    /// <summary>Maximum number of concurrent requests per pod, 1 to 100,000; 0 (the default) means unlimited.</summary>
    [Id(4)]
    public int Concurrency { get; init; }

    /// <summary>Maximum time for a pod to become ready, 1 s to 1 h; default 2 min.</summary>
    [Id(5)]
    public TimeSpan StartupTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Maximum time that a synchronous request waits for a pod, 1 s to 1 h; default 1 min.</summary>
    [Id(6)]
    public TimeSpan QueueTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Maximum number of synchronous requests that wait concurrently in one gateway, 0 to 100,000; default 1,000.</summary>
    [Id(7)]
    public int QueueLength { get; init; } = 1000;

    /// <summary>
    /// Maximum total duration of a synchronous request after it was sent to a pod, 1 s to 24 h. 0 (the default) means unlimited, so that
    /// long streams are not cut. The limit no longer applies after a connection upgrade.
    /// </summary>
    [Id(8)]
    public TimeSpan RequestTimeout { get; init; }

    /// <summary>Time without requests after which pods above the minimum are removed, 1 s to 24 h; default 5 min.</summary>
    [Id(9)]
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Time that a pod has to exit after it is asked to stop, 0 s to 1 h; default 30 s. If the deployment is stopped or deleted, its pods
    /// first have the same time to finish their requests.
    /// </summary>
    [Id(10)]
    [JsonPropertyName("stopGrace")]
    public TimeSpan TerminationGracePeriod { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Environment variables of the serving script, at most 200.</summary>
    [Id(11)]
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Maximum time from the last forwarded byte of a request to the first byte of the response, 1 s to 24 h; default 1 min.
    /// </summary>
    [Id(12)]
    public TimeSpan FirstByteTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Maximum time without data in either direction after the response has started, 1 s to 24 h; default 10 min. The limit no longer
    /// applies after a connection upgrade.
    /// </summary>
    [Id(13)]
    public TimeSpan StreamIdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Maximum time for a pod of an earlier revision to finish its requests before it is asked to stop, 0 s to 7 days; default 1 h.
    /// </summary>
    [Id(14)]
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Average number of concurrent requests per pod that the autoscaler aims for, 0.1 to 100,000. 0 (the default) uses
    /// <see cref="Concurrency"/>, or 100 if that is unlimited.
    /// </summary>
    [Id(15)]
    public double TargetConcurrency { get; init; }

    /// <summary>Time for which fewer pods must have been sufficient before a pod is removed, 0 s to 1 h; default 1 min.</summary>
    [Id(16)]
    public TimeSpan ScaleDownDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Average number of requests per second that each gateway admits, 0.01 to 1,000,000; 0 (the default) means unlimited.
    /// </summary>
    [Id(17)]
    public double RequestsPerSecond { get; init; }

    /// <summary>
    /// Maximum number of requests that each gateway admits in a burst (the size of its token bucket), 1 to 1,000,000. 0 (the default) means
    /// one second's worth of <see cref="RequestsPerSecond"/>, at least 1.
    /// </summary>
    [Id(18)]
    public int RequestBurst { get; init; }

    /// <summary>
    /// Web origins whose pages may call the deployment, for example <c>https://app.example.com</c>, or <c>*</c> for all; at most 50. With
    /// an empty list (the default) the gateway adds no CORS headers.
    /// </summary>
    [Id(19)]
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>Maximum size of the body of a synchronous request in bytes, 1 to 1 TiB; 0 (the default) means unlimited.</summary>
    [Id(20)]
    public long MaxRequestBytes { get; init; }

    /// <summary>Maximum number of asynchronous calls that have not ended, 0 to 10,000,000; default 100,000.</summary>
    [Id(21)]
    public int AsyncQueueLength { get; init; } = 100_000;

    /// <summary>
    /// Maximum total size of the request bodies of asynchronous calls that have not ended, in bytes, 0 to 16 TiB; default 10 GiB.
    /// </summary>
    [Id(22)]
    public long AsyncQueueBytes { get; init; } = 10L << 30;

    /// <summary>Whether both configurations have the same values; the environment and the origins are compared by content.</summary>
    public bool HasSameContentAs(DeploymentConfiguration other) =>
        this with { Environment = other.Environment, CorsOrigins = other.CorsOrigins } == other
        && Environment.Count == other.Environment.Count
        && !Environment.Except(other.Environment).Any()
        && CorsOrigins.SequenceEqual(other.CorsOrigins);
}
