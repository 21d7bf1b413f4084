using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;

namespace DeployCard.Domain.Deployments;

/// <summary>
/// Owns the pods that exist: those in the latest report of the runtime, and those that were started since. Invariant: a started pod is
/// never overlooked, so a report from before the start does not cause a second start.
/// </summary>
/// <param name="name">Name of the deployment.</param>
/// <param name="time">Clock that decides when a started pod counts as lost.</param>
internal sealed class ObservedPods(DeploymentName name, TimeProvider time)
{
    /// <summary>Time after which a started pod that is still in no report was lost together with its host.</summary>
    public static readonly TimeSpan FirstReportTimeout = TimeSpan.FromSeconds(30);

    // Pods that were started but are in no report yet.
    private readonly Dictionary<PodName, PodObservation> unreported = [];
    private IReadOnlyList<PodObservation> reported = [];

    /// <summary>Whether the runtime has reported the pods at least once. Before that, no pod may be started or drained.</summary>
    public bool AreKnown { get; private set; }

    /// <summary>All pods that have not ended: the reported pods and the pods that were started but not reported yet.</summary>
    public IReadOnlyList<PodObservation> All =>
        [.. reported, .. unreported.Values.Where(p => time.GetUtcNow() - p.CreatedAt < FirstReportTimeout)];

    /// <summary>Replaces the reported pods.</summary>
    public void Apply(IReadOnlyList<PodObservation> report)
    {
        foreach (var pod in report)
            unreported.Remove(pod.Name);
        (reported, AreKnown) = ([.. report.Where(p => p.Phase is not PodPhase.Ended)], true);
    }

    /// <summary>Adds a pod that the runtime has accepted, unless a report already contains it.</summary>
    public void AddStarted(PodSpec pod)
    {
        if (All.Any(p => p.Name == pod.Name))
            return;
        unreported[pod.Name] = new()
        {
            Name = pod.Name,
            Deployment = name,
            Revision = pod.Revision,
            Phase = PodPhase.Starting,
            CreatedAt = time.GetUtcNow(),
        };
    }

    /// <summary>Removes a stopped pod that no report will contain.</summary>
    public void RemoveUnreported(PodName pod) => unreported.Remove(pod);
}
