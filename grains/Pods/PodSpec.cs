using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.Pods;

/// <summary>What a runtime needs to know to start one pod.</summary>
[GenerateSerializer, Alias("pod-spec"), Immutable]
public sealed record PodSpec
{
    /// <summary>Its name; also given to the serving script as <c>HOSTNAME</c>.</summary>
    [Id(0)]
    public required PodName Name { get; init; }

    /// <summary>Whose pod it is; also given to the serving script as <c>DEPLOYMENT</c>.</summary>
    [Id(1)]
    public required DeploymentName Deployment { get; init; }

    /// <summary>The revision that it runs.</summary>
    [Id(2)]
    public required int Revision { get; init; }

    /// <summary>The image that it is made of.</summary>
    [Id(3)]
    public required string Image { get; init; }

    /// <summary>Further environment variables of the serving script.</summary>
    [Id(4)]
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>How long it may take to become ready before it counts as failed.</summary>
    [Id(5)]
    public required TimeSpan StartupTimeout { get; init; }

    /// <summary>Processor cores, or null for no bound.</summary>
    [Id(6)]
    public double? Cpu { get; init; }

    /// <summary>Memory in bytes, or null for no bound.</summary>
    [Id(7)]
    public long? MemoryBytes { get; init; }

    /// <summary>Graphics processors.</summary>
    [Id(8)]
    public int Gpu { get; init; }

    /// <summary>How long it has to end where its platform ends it by itself, as when its machine goes.</summary>
    [Id(9)]
    public TimeSpan TerminationGracePeriod { get; init; } = TimeSpan.FromSeconds(30);
}
