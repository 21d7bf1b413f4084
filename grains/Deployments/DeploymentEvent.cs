using System.Text.Json.Serialization;
namespace DeployCard.Grains.Deployments;

/// <summary>Something that happened to a deployment.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Kind">What.</param>
/// <param name="Actor">Who did it: a person's or key's name, or <c>system</c>.</param>
/// <param name="Message">A sentence for people.</param>
[GenerateSerializer, Alias("deployment-event"), Immutable]
public sealed record DeploymentEvent(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] EventKind Kind,
    [property: Id(2)] string Actor,
    [property: Id(3)] string Message
)
{
    /// <summary>The actor where no person asked.</summary>
    public const string System = "system";
}

/// <summary>What can happen to a deployment.</summary>
public enum EventKind
{
    /// <summary>It was created.</summary>
    Created,

    /// <summary>Its title was changed.</summary>
    [JsonStringEnumMemberName("RENAMED")]
    TitleChanged,

    /// <summary>A new revision was made.</summary>
    Updated,

    /// <summary>A new revision was made from an old one.</summary>
    RolledBack,

    /// <summary>A person stopped it.</summary>
    Stopped,

    /// <summary>A person started it again.</summary>
    Started,

    /// <summary>A person deleted it.</summary>
    Deleted,

    /// <summary>Another number of pods is wanted.</summary>
    Scaled,

    /// <summary>A pod became ready.</summary>
    PodReady,

    /// <summary>A pod could not start or crashed.</summary>
    PodFailed,

    /// <summary>A pod ended because it was asked to.</summary>
    PodStopped,

    /// <summary>A key was created.</summary>
    KeyCreated,

    /// <summary>A key was revoked.</summary>
    KeyRevoked,

    /// <summary>A key was removed because its time was over.</summary>
    [JsonStringEnumMemberName("KEY_REMOVED")]
    KeyExpired,

    /// <summary>The readme was changed.</summary>
    [JsonStringEnumMemberName("README_CHANGED")]
    ReadmeUpdated,

    /// <summary>A webhook secret was created.</summary>
    WebhookSecretCreated,

    /// <summary>A webhook secret was revoked.</summary>
    WebhookSecretRevoked,

    /// <summary>An alert fires: something is beyond its limit for too long.</summary>
    AlertFiring,

    /// <summary>An alert is over.</summary>
    AlertResolved,
}
