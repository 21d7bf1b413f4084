using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.Pods;

/// <summary>What a runtime reports of one pod.</summary>
[GenerateSerializer, Alias("pod-observation"), Immutable]
public sealed record PodObservation
{
    /// <summary>Its name.</summary>
    [Id(0)]
    public required PodName Name { get; init; }

    /// <summary>Whose pod it is.</summary>
    [Id(1)]
    public required DeploymentName Deployment { get; init; }

    /// <summary>The revision that it runs.</summary>
    [Id(2)]
    public required int Revision { get; init; }

    /// <summary>Where it is in its life; a runtime reports <c>Draining</c> once the pod was asked to end.</summary>
    [Id(3)]
    public required PodPhase Phase { get; init; }

    /// <summary>When it was asked for.</summary>
    [Id(4)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Where it answers, as in <c>http://127.0.0.1:41234/</c>; set once it is ready.</summary>
    [Id(5)]
    public Uri? Address { get; init; }

    /// <summary>When its last run became ready; null where that never was.</summary>
    [Id(6)]
    public DateTimeOffset? ReadyAt { get; init; }

    /// <summary>How often it was started again after a failure.</summary>
    [Id(7)]
    public int Restarts { get; init; }

    /// <summary>The exit code of its last run: 0 to 255, 128 + n for an end by signal n; null while the first one goes on.</summary>
    [Id(8)]
    public int? ExitCode { get; init; }

    /// <summary>Why it is not ready: one of <see cref="PodReasons"/>, or the platform's own word where it takes the pod away, as in <c>Evicted</c>.</summary>
    [Id(9)]
    public string? Reason { get; init; }

    /// <summary>The reason in a sentence for people.</summary>
    [Id(10)]
    public string? Message { get; init; }

    /// <summary>The last lines that its last failed run wrote, at most 20.</summary>
    [Id(11)]
    public IReadOnlyList<string> LastLines { get; init; } = [];

    /// <summary>When a failed pod is started again.</summary>
    [Id(12)]
    public DateTimeOffset? NextStartAt { get; init; }

    /// <summary>What it speaks; set once it is ready.</summary>
    [Id(13)]
    public PodProtocol Protocol { get; init; }

    /// <summary>Whether it goes soon with the machine that it runs on: it serves for as long as nobody has taken its place.</summary>
    [Id(14)]
    public bool IsLeaving { get; init; }
}
