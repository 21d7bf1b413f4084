using System.Text.Json.Serialization;

namespace DeployCard.Contracts.Deployments;

/// <summary>An event in the life of a deployment.</summary>
/// <param name="At">Time of the event, UTC.</param>
/// <param name="Kind">Type of the event.</param>
/// <param name="Actor">Name of the user or key that caused the event, or <c>system</c>.</param>
/// <param name="Message">Description of the event in one sentence, for users.</param>
[GenerateSerializer, Alias("deployment-event"), Immutable]
public sealed record DeploymentEvent(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] EventKind Kind,
    [property: Id(2)] string Actor,
    [property: Id(3)] string Message
)
{
    /// <summary>Actor of events that no user caused.</summary>
    public const string SystemActor = "system";
}

/// <summary>Kind of a deployment event.</summary>
public enum EventKind
{
    /// <summary>The deployment was created.</summary>
    Created,

    /// <summary>The title was changed.</summary>
    [JsonStringEnumMemberName("RENAMED")]
    TitleChanged,

    /// <summary>A new revision was created.</summary>
    Updated,

    /// <summary>A new revision was created from an earlier one.</summary>
    RolledBack,

    /// <summary>A user stopped the deployment.</summary>
    Stopped,

    /// <summary>A user started the stopped deployment.</summary>
    Started,

    /// <summary>A user deleted the deployment.</summary>
    Deleted,

    /// <summary>The desired number of pods changed.</summary>
    Scaled,

    /// <summary>A pod became ready.</summary>
    PodReady,

    /// <summary>A pod failed to start or crashed.</summary>
    PodFailed,

    /// <summary>A pod exited after it was asked to stop.</summary>
    PodStopped,

    /// <summary>A key was created.</summary>
    KeyCreated,

    /// <summary>A key was revoked.</summary>
    KeyRevoked,

    /// <summary>A key was removed after it expired.</summary>
    [JsonStringEnumMemberName("KEY_REMOVED")]
    KeyPurged,

    /// <summary>The readme was changed.</summary>
    [JsonStringEnumMemberName("README_CHANGED")]
    ReadmeUpdated,

    /// <summary>A webhook secret was created.</summary>
    WebhookSecretCreated,

    /// <summary>A webhook secret was revoked.</summary>
    WebhookSecretRevoked,

    /// <summary>An alert started firing because a value exceeded its threshold for too long.</summary>
    AlertFiring,

    /// <summary>A firing alert was resolved.</summary>
    AlertResolved,
}
