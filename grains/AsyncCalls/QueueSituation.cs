using DeployCard.Grains.Deployments;
using DeployCard.Grains.Routing;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>What the calls of a deployment wait for.</summary>
[GenerateSerializer, Alias("queue-situation"), Immutable]
public sealed record QueueSituation
{
    /// <summary>Whether the deployment takes requests.</summary>
    [Id(0)]
    public required RouteState State { get; init; }

    /// <summary>How many pods are ready.</summary>
    [Id(1)]
    public int ReadyPods { get; init; }

    /// <summary>How many pods start.</summary>
    [Id(2)]
    public int StartingPods { get; init; }

    /// <summary>Why no pod becomes ready; null when there is no such reason.</summary>
    [Id(3)]
    public DeploymentFailure? Failure { get; init; }

    /// <summary>When pods are tried again that cannot become ready, UTC; <see cref="DateTimeOffset.MaxValue"/> where that is not known.</summary>
    [Id(4)]
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>For calls that wait for a place at a pod: 1 for the one that gets the next place, 2 for the one behind it …</summary>
    [Id(5)]
    public required IReadOnlyDictionary<CallId, long> Positions { get; init; }
}
