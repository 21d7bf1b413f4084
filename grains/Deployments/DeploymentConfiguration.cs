namespace DeployCard.Grains.Deployments;

/// <summary>How a revision runs. It is part of the revision and never changes with it.</summary>
[GenerateSerializer, Alias("deployment-configuration"), Immutable]
public sealed record DeploymentConfiguration
{
    /// <summary>How many pods, 0-1 when nothing else is said.</summary>
    [Id(0)] public PodsRange Pods { get; init; } = new(0, 1);

    /// <summary>Processor cores of a pod, 0.01 to 1024; null for no bound.</summary>
    [Id(1)] public double? Cpu { get; init; }

    /// <summary>Memory of a pod in bytes, 1 MiB to 64 TiB; null for no bound.</summary>
    [Id(2)] public long? MemoryBytes { get; init; }

    /// <summary>Graphics processors of a pod, 0 to 64.</summary>
    [Id(3)] public int Gpu { get; init; }

    /// <summary>Requests that a pod works on at once, 1 to 100,000; 0 for no bound.</summary>
    [Id(4)] public int Concurrency { get; init; }

    /// <summary>How long a pod may take to become ready, 1 s to 1 h.</summary>
    [Id(5)] public TimeSpan StartupTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a synchronous request may wait for a pod, 1 s to 1 h.</summary>
    [Id(6)] public TimeSpan QueueTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many synchronous requests may wait for a pod at once in one gateway, 0 to 100,000.</summary>
    [Id(7)] public int QueueLength { get; init; } = 1000;

    /// <summary>How long a synchronous request may take once a pod has it, 1 s to 24 h.</summary>
    [Id(8)] public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long without requests before the pods above the minimum are removed, 1 s to 24 h.</summary>
    [Id(9)] public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a pod has to finish its requests and to end once it is asked to, 0 s to 1 h.</summary>
    [Id(10)] public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Environment variables of the serving script, at most 200.</summary>
    [Id(11)] public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether both say the same; the environment by its contents.</summary>
    internal bool SameAs(DeploymentConfiguration other) =>
        this with { Environment = other.Environment } == other
        && Environment.Count == other.Environment.Count && !Environment.Except(other.Environment).Any();
}
