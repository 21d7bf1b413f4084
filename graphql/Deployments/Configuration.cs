using DeployCard.Contracts.Configuration;

namespace DeployCard.GraphQL.Deployments;

/// <summary>Configuration of a revision: pods, resources, limits and timeouts.</summary>
public sealed class Configuration
{
    private readonly DeploymentConfiguration configuration;

    internal Configuration(DeploymentConfiguration configuration) => this.configuration = configuration;

    /// <summary>
    /// Minimum and maximum number of pods, written <c>min-max</c>, for example <c>0-3</c>. With <c>0-0</c> the deployment scales to zero
    /// when idle, and only the setting <c>Deployments:MaxPodsPerDeployment</c> limits its pods.
    /// </summary>
    public string Pods => configuration.Pods.ToString();

    /// <summary>CPU limit of a pod in cores; null if unlimited.</summary>
    public double? Cpu => configuration.Cpu;

    /// <summary>Memory limit of a pod in bytes; null if unlimited.</summary>
    public long? MemoryBytes => configuration.MemoryBytes;

    /// <summary>Number of GPUs per pod; 0 if pods use no GPU.</summary>
    public int Gpu => configuration.Gpu;

    /// <summary>Maximum number of concurrent requests per pod; 0 means unlimited.</summary>
    public int Concurrency => configuration.Concurrency;

    /// <summary>Maximum time for a pod to become ready.</summary>
    public TimeSpan StartupTimeout => configuration.StartupTimeout;

    /// <summary>Maximum time that a synchronous request waits for a pod.</summary>
    public TimeSpan QueueTimeout => configuration.QueueTimeout;

    /// <summary>Maximum number of synchronous requests that wait for a pod at the same time in one gateway.</summary>
    public int QueueLength => configuration.QueueLength;

    /// <summary>
    /// Maximum total time of a synchronous request after it was sent to a pod; 0 means unlimited. Does not apply after a connection upgrade
    /// such as WebSocket.
    /// </summary>
    public TimeSpan RequestTimeout => configuration.RequestTimeout;

    /// <summary>Time without requests after which the deployment scales down to its minimum number of pods.</summary>
    public TimeSpan IdleTimeout => configuration.IdleTimeout;

    /// <summary>
    /// Time that a pod has to exit after the stop signal before it is killed. When the deployment is stopped or deleted, also the time that
    /// the pod has to finish its requests before that signal.
    /// </summary>
    public TimeSpan TerminationGracePeriod => configuration.TerminationGracePeriod;

    /// <summary>Maximum time from the last forwarded request byte to the first response byte of the pod.</summary>
    public TimeSpan FirstByteTimeout => configuration.FirstByteTimeout;

    /// <summary>
    /// Maximum time without data in either direction after the response has started. Does not apply after a connection upgrade such as
    /// WebSocket.
    /// </summary>
    public TimeSpan StreamIdleTimeout => configuration.StreamIdleTimeout;

    /// <summary>Time that a pod of an earlier revision has to finish its requests before it is stopped.</summary>
    public TimeSpan DrainTimeout => configuration.DrainTimeout;

    /// <summary>
    /// Average number of concurrent requests per pod that the autoscaler aims for; 0 means the value of <c>concurrency</c>, or 100 if that
    /// is unlimited.
    /// </summary>
    public double TargetConcurrency => configuration.TargetConcurrency;

    /// <summary>Time for which fewer pods must have been sufficient before the deployment scales down.</summary>
    public TimeSpan ScaleDownDelay => configuration.ScaleDownDelay;

    /// <summary>Maximum average rate in requests per second that one gateway admits; 0 means unlimited.</summary>
    public double RequestsPerSecond => configuration.RequestsPerSecond;

    /// <summary>Number of requests that may exceed the rate in a burst; 0 means one second's worth of the rate.</summary>
    public int RequestBurst => configuration.RequestBurst;

    /// <summary>
    /// Web origins whose pages may call the deployment; empty if cross-origin requests are not allowed. <c>*</c> allows all origins.
    /// </summary>
    public IReadOnlyList<string> CorsOrigins => configuration.CorsOrigins;

    /// <summary>Maximum body size of a synchronous request in bytes; 0 means unlimited.</summary>
    public long MaxRequestBytes => configuration.MaxRequestBytes;

    /// <summary>Maximum number of asynchronous calls that have not ended.</summary>
    public int AsyncQueueLength => configuration.AsyncQueueLength;

    /// <summary>Maximum total size in bytes of the request bodies of asynchronous calls that have not ended.</summary>
    public long AsyncQueueBytes => configuration.AsyncQueueBytes;

    /// <summary>Environment variables of the serving script, ordered by name.</summary>
    public IReadOnlyList<EnvironmentVariable> Environment =>
        [.. configuration.Environment.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => new EnvironmentVariable(v.Key, v.Value))];
}

/// <summary>An environment variable of the serving script.</summary>
/// <param name="Name">Name of the variable.</param>
/// <param name="Value">Value of the variable.</param>
public sealed record EnvironmentVariable(string Name, string Value);
