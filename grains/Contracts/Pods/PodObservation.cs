using DeployCard.Common.Collections;
using DeployCard.Contracts.Names;

namespace DeployCard.Contracts.Pods;

/// <summary>Report of a runtime about one pod.</summary>
[GenerateSerializer, Alias("pod-observation"), Immutable]
public sealed record PodObservation
{
    /// <summary>Name of the pod.</summary>
    [Id(0)]
    public required PodName Name { get; init; }

    /// <summary>Deployment that owns the pod.</summary>
    [Id(1)]
    public required DeploymentName Deployment { get; init; }

    /// <summary>Number of the revision that the pod runs.</summary>
    [Id(2)]
    public required int Revision { get; init; }

    /// <summary>Phase of the pod. A runtime reports <c>Draining</c> after the pod was asked to stop.</summary>
    [Id(3)]
    public required PodPhase Phase { get; init; }

    /// <summary>Time when the pod was requested, UTC.</summary>
    [Id(4)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Base address for requests, for example <c>http://127.0.0.1:41234/</c>; null until the pod is ready.</summary>
    [Id(5)]
    public Uri? Address { get; init; }

    /// <summary>Time when the current or last run became ready, UTC; null if it never did.</summary>
    [Id(6)]
    public DateTimeOffset? ReadyAt { get; init; }

    /// <summary>Number of restarts after failures.</summary>
    [Id(7)]
    public int Restarts { get; init; }

    /// <summary>Exit code of the last run: 0 to 255, or 128 + n after signal n; null while the first run continues.</summary>
    [Id(8)]
    public int? ExitCode { get; init; }

    /// <summary>
    /// Reason why the pod is not ready: one of <see cref="PodReasons"/>, or the platform's own term if the platform removes the pod, for
    /// example <c>Evicted</c>. Null if there is no reason.
    /// </summary>
    [Id(9)]
    public string? Reason { get; init; }

    /// <summary>Reason in one sentence, for users; null if there is no reason.</summary>
    [Id(10)]
    public string? Message { get; init; }

    /// <summary>Last lines that the last failed run wrote, at most 20.</summary>
    [Id(11)]
    public ValueList<string> LastLines { get; init; } = [];

    /// <summary>Time when a failed pod is restarted, UTC; null if it is not known.</summary>
    [Id(12)]
    public DateTimeOffset? NextStartAt { get; init; }

    /// <summary>Protocol that the pod serves; only meaningful once the pod is ready.</summary>
    [Id(13)]
    public PodProtocol Protocol { get; init; }

    /// <summary>Whether the host of the pod is being drained. The pod serves until it has been replaced.</summary>
    [Id(14)]
    public bool IsLeaving { get; init; }
}
