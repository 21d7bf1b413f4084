using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Pods;

namespace DeployCard.Domain.Deployments;

/// <summary>
/// Events and exited pods of a deployment, stored apart from <see cref="DeploymentState"/> so that a status change does not rewrite them.
/// </summary>
[GenerateSerializer, Alias("deployment-history")]
public sealed class DeploymentHistory
{
    /// <summary>Maximum number of events, and of exited pods, that are kept.</summary>
    public const int MaxEntries = 200;

    /// <summary>The latest events, oldest first.</summary>
    [Id(0)]
    public List<DeploymentEvent> Events { get; set; } = [];

    /// <summary>The latest pods that have exited, oldest first.</summary>
    [Id(1)]
    public List<PodObservation> EndedPods { get; set; } = [];

    /// <summary>Adds an event and drops the oldest one if there are more than <see cref="MaxEntries"/>.</summary>
    public void Add(DeploymentEvent happened) => Add(Events, happened);

    /// <summary>Adds a pod that has exited and drops the oldest one if there are more than <see cref="MaxEntries"/>.</summary>
    public void Add(PodObservation ended) => Add(EndedPods, ended);

    private static void Add<T>(List<T> list, T item)
    {
        list.Add(item);
        if (list.Count > MaxEntries)
            list.RemoveRange(0, list.Count - MaxEntries);
    }
}
