using DeployCard.Common.Collections;
using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Revisions;

namespace DeployCard.Contracts.Deployments;

/// <summary>A deployment as its card shows it.</summary>
[GenerateSerializer, Alias("deployment-view"), Immutable]
public sealed record DeploymentView
{
    /// <summary>Name of the deployment.</summary>
    [Id(0)]
    public required DeploymentName Name { get; init; }

    /// <summary>Title of the deployment.</summary>
    [Id(1)]
    public required string Title { get; init; }

    /// <summary>Current status, as a caller sees it.</summary>
    [Id(2)]
    public required DeploymentStatus Status { get; init; }

    /// <summary>Time of creation, UTC.</summary>
    [Id(3)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Name of the user who created the deployment.</summary>
    [Id(4)]
    public required string CreatedBy { get; init; }

    /// <summary>Time of the last change by a user, UTC.</summary>
    [Id(5)]
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Time of deletion, UTC; null if the deployment is not deleted.</summary>
    [Id(6)]
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>Time when the deployment is purged, UTC; null if it is not deleted.</summary>
    [Id(7)]
    public DateTimeOffset? PurgeAt { get; init; }

    /// <summary>The latest revisions, newest first; the first entry is the current revision.</summary>
    [Id(8)]
    public required ValueList<Revision> Revisions { get; init; }

    /// <summary>The pods that have not ended, including draining pods.</summary>
    [Id(9)]
    public required ValueList<PodObservation> Pods { get; init; }

    /// <summary>Reason why pods do not become ready; null if there is no failure.</summary>
    [Id(10)]
    public DeploymentFailure? Failure { get; init; }

    /// <summary>Number of pods that the last scaling decision wants.</summary>
    [Id(11)]
    public int DesiredPods { get; init; }

    /// <summary>
    /// Reason for the desired number of pods in one sentence, for users, for example <c>3 pods: 5.2 in flight on average over 60 s, target
    /// 2</c>. The text can be a few seconds old.
    /// </summary>
    [Id(12)]
    public string ScalingReason { get; init; } = "";

    /// <summary>Time of the last scaling decision, UTC.</summary>
    [Id(13)]
    public DateTimeOffset ScalingDecidedAt { get; init; }

    /// <summary>Secrets that sign the deployment's callbacks, oldest first.</summary>
    [Id(14)]
    public ValueList<WebhookSecret> WebhookSecrets { get; init; } = [];

    /// <summary>The current revision, which is the first entry of <see cref="Revisions"/>.</summary>
    public Revision Current => Revisions[0];
}
