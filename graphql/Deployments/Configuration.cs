using DeployCard.Grains.Deployments;

namespace DeployCard.GraphQL.Deployments;

/// <summary>How a revision runs.</summary>
public sealed class Configuration
{
    private readonly DeploymentConfiguration configuration;

    internal Configuration(DeploymentConfiguration configuration) => this.configuration = configuration;

    /// <summary>How many pods: <c>min-max</c>, as in <c>0-3</c>. <c>0-0</c> is zero at rest and no upper bound but the platform's own.</summary>
    public string Pods => configuration.Pods.ToString();

    /// <summary>Processor cores of a pod; null for no bound.</summary>
    public double? Cpu => configuration.Cpu;

    /// <summary>Memory of a pod in bytes; null for no bound.</summary>
    public long? MemoryBytes => configuration.MemoryBytes;

    /// <summary>Graphics processors of a pod.</summary>
    public int Gpu => configuration.Gpu;

    /// <summary>Requests that a pod works on at once; 0 for no bound.</summary>
    public int Concurrency => configuration.Concurrency;

    /// <summary>How long a pod may take to become ready.</summary>
    public TimeSpan StartupTimeout => configuration.StartupTimeout;

    /// <summary>How long a synchronous request may wait for a pod.</summary>
    public TimeSpan QueueTimeout => configuration.QueueTimeout;

    /// <summary>How many synchronous requests may wait at once in one gateway.</summary>
    public int QueueLength => configuration.QueueLength;

    /// <summary>How long a synchronous request may take as a whole once a pod has it; 0 for no bound. It ends where a connection is upgraded.</summary>
    public TimeSpan RequestTimeout => configuration.RequestTimeout;

    /// <summary>How long without requests before pods above the minimum are removed.</summary>
    public TimeSpan IdleTimeout => configuration.IdleTimeout;

    /// <summary>How long a pod has to end once it is asked to, and before that to finish its requests when the deployment is stopped or deleted.</summary>
    public TimeSpan TerminationGracePeriod => configuration.TerminationGracePeriod;

    /// <summary>How long the first byte of a pod's answer may take, from the last byte of the request that has moved.</summary>
    public TimeSpan FirstByteTimeout => configuration.FirstByteTimeout;

    /// <summary>How long a stream may be silent in both directions once its answer has begun. It ends where a connection is upgraded.</summary>
    public TimeSpan StreamIdleTimeout => configuration.StreamIdleTimeout;

    /// <summary>How long a pod of an earlier revision may take to finish its requests before it is asked to end.</summary>
    public TimeSpan DrainTimeout => configuration.DrainTimeout;

    /// <summary>Requests at once that the autoscaler wants a pod to have on average; 0 for the concurrency, and for 100 where that has no bound.</summary>
    public double TargetConcurrency => configuration.TargetConcurrency;

    /// <summary>How long fewer pods must have been enough before one is taken away.</summary>
    public TimeSpan ScaleDownDelay => configuration.ScaleDownDelay;

    /// <summary>Requests for each second that one gateway lets through on average; 0 for no bound.</summary>
    public double RequestsPerSecond => configuration.RequestsPerSecond;

    /// <summary>Requests that may come at once above that rate; 0 for one second's worth.</summary>
    public int RequestBurst => configuration.RequestBurst;

    /// <summary>Web origins whose pages may call the deployment; none: cross-origin calls are not answered.</summary>
    public IReadOnlyList<string> CorsOrigins => configuration.CorsOrigins;

    /// <summary>The longest body of a synchronous request in bytes; 0 for no bound.</summary>
    public long MaxRequestBytes => configuration.MaxRequestBytes;

    /// <summary>How many asynchronous calls there may be that have not ended.</summary>
    public int AsyncQueueLength => configuration.AsyncQueueLength;

    /// <summary>How long the bodies of their requests may be together, in bytes.</summary>
    public long AsyncQueueBytes => configuration.AsyncQueueBytes;

    /// <summary>Environment variables of the serving script, by name.</summary>
    public IReadOnlyList<EnvironmentVariable> Environment =>
        [.. configuration.Environment.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => new EnvironmentVariable(v.Key, v.Value))];
}

/// <summary>One environment variable.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
public sealed record EnvironmentVariable(string Name, string Value);
