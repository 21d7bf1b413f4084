using DeployCard.Common.Collections;
using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;

namespace DeployCard.Contracts.Routing;

/// <summary>
/// Snapshot of a deployment that a gateway needs for forwarding requests. The deployment publishes it; the highest version is the valid
/// one.
/// </summary>
[GenerateSerializer, Alias("route"), Immutable]
public sealed record Route
{
    /// <summary>Deployment that the route belongs to.</summary>
    [Id(0)]
    public required DeploymentName Deployment { get; init; }

    /// <summary>Unique id that distinguishes this deployment from an earlier one with the same name.</summary>
    [Id(1)]
    public Guid Uid { get; init; }

    /// <summary>Version number; grows with each route of the deployment.</summary>
    [Id(2)]
    public required long Version { get; init; }

    /// <summary>State of the deployment, which determines whether requests are accepted.</summary>
    [Id(3)]
    public required RouteState State { get; init; }

    /// <summary>Pods that are ready for requests.</summary>
    [Id(4)]
    public ValueList<RoutePod> Pods { get; init; } = [];

    /// <summary>Keys that the deployment accepts.</summary>
    [Id(5)]
    public ValueList<KeyEntry> Keys { get; init; } = [];

    /// <summary>Configuration of the current revision, without its environment, which may contain secrets, and without labels.</summary>
    // Id 6 belonged to a member of version 0.1.0. Ids are never used twice.
    [Id(12)]
    public DeploymentConfiguration Configuration { get; init; } = new();

    /// <summary>Reason why no pod becomes ready; null if there is no failure.</summary>
    [Id(7)]
    public DeploymentFailure? Failure { get; init; }

    /// <summary>
    /// Next restart of pods that cannot become ready before it; null while waiting for a pod is worthwhile, and
    /// <see cref="DateTimeOffset.MaxValue"/> if the time is not known.
    /// </summary>
    [Id(8)]
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>Whether the deployment has a secret for signing callbacks.</summary>
    [Id(10)]
    public bool HasWebhookSecret { get; init; }

    /// <summary>
    /// Whether <see cref="Pods"/> is valid. It is false in the first route of an activation that has not seen its pods yet; gateways then
    /// keep the pods that they have.
    /// </summary>
    [Id(11)]
    public bool ArePodsKnown { get; init; } = true;

    /// <summary>Whether both routes have the same content, regardless of their versions.</summary>
    public bool HasSameContentAs(Route other) => this with { Version = other.Version } == other;
}

/// <summary>State of a deployment, as gateways see it.</summary>
public enum RouteState
{
    /// <summary>There is no deployment of this name.</summary>
    Missing,

    /// <summary>The deployment accepts requests.</summary>
    Serving,

    /// <summary>A user stopped the deployment.</summary>
    Stopped,

    /// <summary>The deployment is deleted.</summary>
    Deleted,
}

/// <summary>A pod that requests can be forwarded to.</summary>
/// <param name="Name">Name of the pod.</param>
/// <param name="Address">Base address for requests.</param>
/// <param name="Revision">Number of the revision that the pod runs.</param>
/// <param name="Protocol">Protocol that the pod serves.</param>
[GenerateSerializer, Alias("route-pod"), Immutable]
public sealed record RoutePod(
    [property: Id(0)] PodName Name,
    [property: Id(1)] Uri Address,
    [property: Id(2)] int Revision,
    // Id 3 belonged to a member of version 0.1.0. Ids are never used twice.
    [property: Id(4)] PodProtocol Protocol = PodProtocol.Http1
);
