using DeployCard.Grains.Callbacks;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Revisions;

namespace DeployCard.Grains.Deployments;

/// <summary>A deployment as its card shows it.</summary>
[GenerateSerializer, Alias("deployment-view"), Immutable]
public sealed record DeploymentView
{
    /// <summary>Its name.</summary>
    [Id(0)]
    public required DeploymentName Name { get; init; }

    /// <summary>Its title.</summary>
    [Id(1)]
    public required string Title { get; init; }

    /// <summary>What it can do for a caller now.</summary>
    [Id(2)]
    public required DeploymentStatus Status { get; init; }

    /// <summary>When it was created, UTC.</summary>
    [Id(3)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who created it.</summary>
    [Id(4)]
    public required string CreatedBy { get; init; }

    /// <summary>When a person last changed it, UTC.</summary>
    [Id(5)]
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it was deleted, UTC.</summary>
    [Id(6)]
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>When a deleted one is gone for good, UTC.</summary>
    [Id(7)]
    public DateTimeOffset? PurgeAt { get; init; }

    /// <summary>The latest revisions, newest first; the first one is the present one.</summary>
    [Id(8)]
    public required IReadOnlyList<Revision> Revisions { get; init; }

    /// <summary>The pods that are there now.</summary>
    [Id(9)]
    public required IReadOnlyList<PodObservation> Pods { get; init; }

    /// <summary>Why pods do not become ready; null when they do.</summary>
    [Id(10)]
    public DeploymentFailure? Failure { get; init; }

    /// <summary>How many pods are wanted now.</summary>
    [Id(11)]
    public int DesiredPods { get; init; }

    /// <summary>Why so many, in a sentence for people, as in <c>3 pods: 5.2 in flight on average over 60 s, target 2</c>; a few seconds old at the most.</summary>
    [Id(12)]
    public string ScalingReason { get; init; } = "";

    /// <summary>When that was decided, UTC.</summary>
    [Id(13)]
    public DateTimeOffset ScalingDecidedAt { get; init; }

    /// <summary>The secrets that its callbacks are signed with, oldest first.</summary>
    [Id(14)]
    public IReadOnlyList<WebhookSecret> WebhookSecrets { get; init; } = [];

    /// <summary>The present revision.</summary>
    public Revision Current => Revisions[0];

    /// <summary>Whether both show the same.</summary>
    internal bool SameAs(DeploymentView other) =>
        this with { Pods = other.Pods, Revisions = other.Revisions, WebhookSecrets = other.WebhookSecrets } == other
        && Current == other.Current
        && Pods.SequenceEqual(other.Pods)
        && WebhookSecrets.SequenceEqual(other.WebhookSecrets);
}
