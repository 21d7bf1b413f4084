using System.Text.Json.Serialization;

namespace DeployCard.Contracts.Pods;

/// <summary>Phase in the life of a pod.</summary>
public enum PodPhase
{
    /// <summary>The serving script was started and is not ready yet.</summary>
    Starting,

    /// <summary>The readiness check succeeds and the pod receives requests.</summary>
    Ready,

    /// <summary>The pod receives no new requests and finishes its current ones.</summary>
    Draining,

    /// <summary>The pod failed to start or crashed; it is restarted after a growing backoff.</summary>
    Failed,

    /// <summary>The pod has ended and is not restarted.</summary>
    [JsonStringEnumMemberName("GONE")]
    Ended,
}
