using System.Text.Json.Serialization;
namespace DeployCard.Grains.Pods;

/// <summary>Where a pod is in its life.</summary>
public enum PodPhase
{
    /// <summary>The serving script was started and is not ready yet.</summary>
    Starting,

    /// <summary>It answers on its readiness path and gets requests.</summary>
    Ready,

    /// <summary>It gets no new requests and finishes those that it has.</summary>
    Draining,

    /// <summary>It could not start or it crashed; it is started again after a pause that grows.</summary>
    Failed,

    /// <summary>It has ended and does not come back.</summary>
    [JsonStringEnumMemberName("GONE")]
    Ended,
}
