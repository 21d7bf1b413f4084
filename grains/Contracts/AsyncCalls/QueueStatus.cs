using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Routing;

namespace DeployCard.Contracts.AsyncCalls;

/// <summary>Status of a deployment and its queue, which explains why calls wait.</summary>
[GenerateSerializer, Alias("queue-situation"), Immutable]
public sealed record QueueStatus
{
    /// <summary>Whether the deployment accepts requests.</summary>
    [Id(0)]
    public required RouteState State { get; init; }

    /// <summary>Number of ready pods.</summary>
    [Id(1)]
    public int ReadyPods { get; init; }

    /// <summary>Number of starting pods.</summary>
    [Id(2)]
    public int StartingPods { get; init; }

    /// <summary>Reason why no pod becomes ready; null if no failure is known.</summary>
    [Id(3)]
    public DeploymentFailure? Failure { get; init; }

    /// <summary>
    /// Next retry of pods in backoff, UTC; <see cref="DateTimeOffset.MaxValue"/> if unknown; null if no pod is in backoff.
    /// </summary>
    [Id(4)]
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>Positions of calls that wait for a pod, starting with 1 for the call that gets the next free slot.</summary>
    [Id(5)]
    public required IReadOnlyDictionary<CallId, long> Positions { get; init; }
}
