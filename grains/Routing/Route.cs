using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Routing;

/// <summary>What a gateway needs to know of a deployment to forward to it: a snapshot, published by the deployment, the higher version counts.</summary>
[GenerateSerializer, Alias("route"), Immutable]
public sealed record Route
{
    /// <summary>Whose route.</summary>
    [Id(0)]
    public required DeploymentName Deployment { get; init; }

    /// <summary>Tells this deployment from an earlier one of the same name.</summary>
    [Id(1)]
    public Guid Uid { get; init; }

    /// <summary>Grows with each route of the deployment.</summary>
    [Id(2)]
    public required long Version { get; init; }

    /// <summary>Whether requests are taken.</summary>
    [Id(3)]
    public required RouteState State { get; init; }

    /// <summary>The ready pods.</summary>
    [Id(4)]
    public IReadOnlyList<RoutePod> Pods { get; init; } = [];

    /// <summary>The keys that open it.</summary>
    [Id(5)]
    public IReadOnlyList<KeyEntry> Keys { get; init; } = [];

    /// <summary>The limits of requests.</summary>
    [Id(6)]
    public RouteLimits Limits { get; init; } = new();

    /// <summary>Why no pod becomes ready; null when there is no such reason.</summary>
    [Id(7)]
    public DeploymentFailure? Failure { get; init; }

    /// <summary>
    /// When pods are tried again that cannot become ready; null while waiting for one has a use, <see cref="DateTimeOffset.MaxValue"/> where nobody
    /// says when.
    /// </summary>
    [Id(8)]
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>Web origins whose pages may call it.</summary>
    [Id(9)]
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>Whether it has a secret to sign callbacks with.</summary>
    [Id(10)]
    public bool HasWebhookSecret { get; init; }

    /// <summary>Whether <see cref="Pods"/> says anything: an activation that has not seen its pods yet leaves gateways those that they have.</summary>
    [Id(11)]
    public bool ArePodsKnown { get; init; } = true;

    /// <summary>Whether both say the same, whatever their versions.</summary>
    internal bool SameAs(Route other) =>
        Deployment == other.Deployment
        && Uid == other.Uid
        && State == other.State
        && Limits == other.Limits
        && Failure == other.Failure
        && RetryAt == other.RetryAt
        && HasWebhookSecret == other.HasWebhookSecret
        && ArePodsKnown == other.ArePodsKnown
        && CorsOrigins.SequenceEqual(other.CorsOrigins)
        && Pods.SequenceEqual(other.Pods)
        && Keys.SequenceEqual(other.Keys);
}

/// <summary>Whether requests are taken.</summary>
public enum RouteState
{
    /// <summary>There is no deployment of this name.</summary>
    Missing,

    /// <summary>They are.</summary>
    Serving,

    /// <summary>A person stopped it.</summary>
    Stopped,

    /// <summary>It was deleted.</summary>
    Deleted,
}

/// <summary>A pod to forward to.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Where it answers.</param>
/// <param name="Revision">The revision that it runs.</param>
/// <param name="Weight">Its share beside the others; a canary is a matter of these numbers.</param>
/// <param name="Protocol">What it speaks.</param>
[GenerateSerializer, Alias("route-pod"), Immutable]
public sealed record RoutePod(
    [property: Id(0)] PodName Name,
    [property: Id(1)] Uri Address,
    [property: Id(2)] int Revision,
    [property: Id(3)] int Weight = 1,
    [property: Id(4)] PodProtocol Protocol = PodProtocol.Http1
);
