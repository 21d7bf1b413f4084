using DeployCard.Contracts.Names;

namespace DeployCard.Contracts.Autoscaling;

/// <summary>
/// Load of one deployment at one gateway. The queue of asynchronous calls sends the same report for calls that it has not passed to a
/// gateway yet.
/// </summary>
/// <param name="Gateway">Silo of the gateway, or <see cref="Queue"/>.</param>
/// <param name="At">Time of the report by the sender's clock, UTC.</param>
/// <param name="InFlight">Number of requests that pods are processing, including asynchronous calls.</param>
/// <param name="Waiting">Number of requests that wait for a pod, including asynchronous calls.</param>
/// <param name="LastRequestAt">Time when the last request arrived or ended, UTC.</param>
/// <param name="BusyPods">Names of the pods that are processing requests of this gateway.</param>
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
    /// <summary>Value of <see cref="Gateway"/> in the reports of the queue of asynchronous calls.</summary>
    public const string Queue = "queue";
}
