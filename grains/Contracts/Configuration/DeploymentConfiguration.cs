using System.Text.Json.Serialization;
using DeployCard.Common.Collections;

namespace DeployCard.Contracts.Configuration;

/// <summary>Configuration of a revision: pods, resources, limits and timeouts. It is part of the revision and never changes.</summary>
/// <remarks>
/// Each property is a <see cref="ConfigurationField"/>. Its summary, rule and initial value are the only definition of its description,
/// range and default.
/// </remarks>
[GenerateSerializer, Alias("deployment-configuration"), Immutable]
public sealed record DeploymentConfiguration
{
    /// <summary>
    /// Minimum and maximum number of pods, written <c>min-max</c>, for example <c>0-3</c>. With <c>0-0</c> the deployment scales to zero
    /// when idle, and only the setting <c>Deployments:MaxPodsPerDeployment</c> limits its pods.
    /// </summary>
    [Id(0), PodsRangeRule]
    public PodsRange Pods { get; init; } = new(0, 1);

    /// <summary>CPU limit of a pod in cores.</summary>
    [Id(1), NumberRange(0.01, 1024, HasDecimals = true, Unit = "cores", Zero = "unlimited")]
    public double? Cpu { get; init; }

    /// <summary>Memory limit of a pod in bytes.</summary>
    [Id(2), NumberRange(1L << 20, 1L << 46, IsBytes = true, Zero = "unlimited")]
    public long? MemoryBytes { get; init; }

    /// <summary>Number of GPUs per pod.</summary>
    [Id(3), NumberRange(0, 64)]
    public int Gpu { get; init; }

    /// <summary>Maximum number of concurrent requests per pod.</summary>
    [Id(4), NumberRange(1, 100_000, Zero = "unlimited")]
    public int Concurrency { get; init; }

    /// <summary>Maximum time for a pod to become ready.</summary>
    [Id(5), DurationRange(1, 3600)]
    public TimeSpan StartupTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Maximum time that a synchronous request waits for a pod.</summary>
    [Id(6), DurationRange(1, 3600)]
    public TimeSpan QueueTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Maximum number of synchronous requests that wait for a pod at the same time in one gateway.</summary>
    [Id(7), NumberRange(0, 100_000)]
    public int QueueLength { get; init; } = 1000;

    /// <summary>
    /// Maximum total time of a synchronous request after it was sent to a pod. Does not apply after a connection upgrade such as WebSocket.
    /// </summary>
    [Id(8), DurationRange(1, 86_400, Zero = "unlimited")]
    public TimeSpan RequestTimeout { get; init; }

    /// <summary>Time without requests after which the deployment scales down to its minimum number of pods.</summary>
    [Id(9), DurationRange(1, 86_400)]
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Time that a pod has to exit after the stop signal before it is killed. When the deployment is stopped or deleted, also the time that
    /// the pod has to finish its requests before that signal.
    /// </summary>
    [Id(10), DurationRange(0, 3600)]
    [JsonPropertyName("stopGrace")]
    public TimeSpan TerminationGracePeriod { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Environment variables of the serving script, ordered by name.</summary>
    [Id(11), EnvironmentRule]
    [JsonConverter(typeof(EnvironmentConverter))]
    public ValueList<EnvironmentVariable> Environment { get; init; } = [];

    /// <summary>Maximum time from the last forwarded request byte to the first response byte of the pod.</summary>
    [Id(12), DurationRange(1, 86_400)]
    public TimeSpan FirstByteTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Maximum time without data in either direction after the response has started. Does not apply after a connection upgrade such as
    /// WebSocket.
    /// </summary>
    [Id(13), DurationRange(1, 86_400)]
    public TimeSpan StreamIdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Time that a pod of an earlier revision has to finish its requests before it is stopped.</summary>
    [Id(14), DurationRange(0, 604_800)]
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Average number of concurrent requests per pod that the autoscaler aims for.</summary>
    [Id(15), NumberRange(0.1, 100_000, HasDecimals = true, Zero = "the value of concurrency, or 100 if that is unlimited")]
    public double TargetConcurrency { get; init; }

    /// <summary>Time for which fewer pods must have been sufficient before the deployment scales down.</summary>
    [Id(16), DurationRange(0, 3600)]
    public TimeSpan ScaleDownDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Maximum average rate in requests per second that one gateway admits.</summary>
    [Id(17), NumberRange(0.01, 1_000_000, HasDecimals = true, Zero = "unlimited")]
    public double RequestsPerSecond { get; init; }

    /// <summary>Number of requests that may exceed the rate in a burst.</summary>
    [Id(18), NumberRange(1, 1_000_000, Zero = "one second's worth of the rate")]
    public int RequestBurst { get; init; }

    /// <summary>
    /// Web origins whose pages may call the deployment, for example <c>https://app.example.com</c>, or <c>*</c> for all. Empty if
    /// cross-origin requests are not allowed.
    /// </summary>
    [Id(19), OriginsRule]
    public ValueList<string> CorsOrigins { get; init; } = [];

    /// <summary>Maximum body size of a synchronous request in bytes.</summary>
    [Id(20), NumberRange(1, 1L << 40, IsBytes = true, Zero = "unlimited")]
    public long MaxRequestBytes { get; init; }

    /// <summary>Maximum number of asynchronous calls that have not ended.</summary>
    [Id(21), NumberRange(0, 10_000_000)]
    public int AsyncQueueLength { get; init; } = 100_000;

    /// <summary>Maximum total size in bytes of the request bodies of asynchronous calls that have not ended.</summary>
    [Id(22), NumberRange(0, 1L << 44, IsBytes = true)]
    public long AsyncQueueBytes { get; init; } = 10L << 30;

    /// <summary>
    /// Labels, ordered by key. They find deployments in lists. On Kubernetes, they are also labels of the pods.
    /// </summary>
    [Id(23), LabelsRule]
    [JsonConverter(typeof(LabelsConverter))]
    public ValueList<Label> Labels { get; init; } = [];
}
