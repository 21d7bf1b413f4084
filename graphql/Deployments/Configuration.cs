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

    /// <summary>How long a synchronous request may take once a pod has it.</summary>
    public TimeSpan RequestTimeout => configuration.RequestTimeout;

    /// <summary>How long without requests before pods above the minimum are removed.</summary>
    public TimeSpan IdleTimeout => configuration.IdleTimeout;

    /// <summary>How long a pod has to finish its requests and to end.</summary>
    public TimeSpan StopGrace => configuration.StopGrace;

    /// <summary>Environment variables of the serving script, by name.</summary>
    public IReadOnlyList<EnvironmentVariable> Environment =>
        [.. configuration.Environment.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => new EnvironmentVariable(v.Key, v.Value))];
}

/// <summary>One environment variable.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
public sealed record EnvironmentVariable(string Name, string Value);
