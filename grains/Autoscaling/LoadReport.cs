using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Autoscaling;

/// <summary>What one gateway has of one deployment at one time; the queue of asynchronous calls reports like one.</summary>
/// <param name="Gateway">The gateway's silo, or <see cref="Queue"/>.</param>
/// <param name="At">When, UTC.</param>
/// <param name="InFlight">Requests that pods have, asynchronous ones too.</param>
/// <param name="Waiting">Requests that wait for a pod, asynchronous ones too.</param>
/// <param name="LastRequestAt">When the last request came or ended, UTC.</param>
/// <param name="BusyPods">The pods that have requests at this gateway.</param>
[GenerateSerializer, Alias("load-report"), Immutable]
public sealed record LoadReport(
    [property: Id(0)] string Gateway,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] int InFlight,
    [property: Id(3)] int Waiting,
    [property: Id(4)] DateTimeOffset LastRequestAt,
    [property: Id(5)] IReadOnlyList<PodName> BusyPods
)
{
    /// <summary>Who reports the calls that no gateway has been given yet.</summary>
    public const string Queue = "queue";
}
