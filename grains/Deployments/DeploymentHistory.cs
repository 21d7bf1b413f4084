using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Deployments;

/// <summary>What has happened, stored apart from <see cref="DeploymentState"/> so that a change of status does not rewrite it.</summary>
[GenerateSerializer, Alias("deployment-history")]
public sealed class DeploymentHistory
{
    /// <summary>How many events and ended pods are kept.</summary>
    public const int Most = 200;

    /// <summary>The latest events, oldest first.</summary>
    [Id(0)]
    public List<DeploymentEvent> Events { get; set; } = [];

    /// <summary>The latest pods that have ended, oldest first.</summary>
    [Id(1)]
    public List<PodObservation> EndedPods { get; set; } = [];

    /// <summary>Adds an event and drops the oldest one beyond the bound.</summary>
    public void Add(DeploymentEvent happened) => Add(Events, happened);

    /// <summary>Adds a pod that has ended and drops the oldest one beyond the bound.</summary>
    public void Add(PodObservation ended) => Add(EndedPods, ended);

    private static void Add<T>(List<T> list, T item)
    {
        list.Add(item);
        if (list.Count > Most)
            list.RemoveRange(0, list.Count - Most);
    }
}
