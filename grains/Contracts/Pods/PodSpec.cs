using DeployCard.Common.Collections;
using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Names;

namespace DeployCard.Contracts.Pods;

/// <summary>Specification from which a runtime starts one pod.</summary>
[GenerateSerializer, Alias("pod-spec"), Immutable]
public sealed record PodSpec
{
    /// <summary>Name of the pod; the serving script gets it as <c>HOSTNAME</c>.</summary>
    [Id(0)]
    public required PodName Name { get; init; }

    /// <summary>Deployment that owns the pod; the serving script gets its name as <c>DEPLOYMENT</c>.</summary>
    [Id(1)]
    public required DeploymentName Deployment { get; init; }

    /// <summary>Number of the revision that the pod runs.</summary>
    [Id(2)]
    public required int Revision { get; init; }

    /// <summary>Name of the image to run.</summary>
    [Id(3)]
    public required string Image { get; init; }

    /// <summary>Additional environment variables of the serving script.</summary>
    [Id(4)]
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Maximum time to become ready before the pod counts as failed.</summary>
    [Id(5)]
    public required TimeSpan StartupTimeout { get; init; }

    /// <summary>Processor cores; null if unlimited.</summary>
    [Id(6)]
    public double? Cpu { get; init; }

    /// <summary>Memory in bytes; null if unlimited.</summary>
    [Id(7)]
    public long? MemoryBytes { get; init; }

    /// <summary>Number of GPUs of the pod.</summary>
    [Id(8)]
    public int Gpu { get; init; }

    /// <summary>
    /// Time that the pod has to exit if the platform itself stops it, for example because its host shuts down; default 30 s.
    /// </summary>
    [Id(9)]
    public TimeSpan TerminationGracePeriod { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Labels of the deployment, for platforms that have labels.</summary>
    [Id(10)]
    public ValueList<Label> Labels { get; init; } = [];
}
