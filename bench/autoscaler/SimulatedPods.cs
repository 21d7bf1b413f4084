using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Domain.Pods;

namespace DeployCard.Bench.Scaling;

/// <summary>A pod of the simulation, starting until <see cref="IsReady"/> is set.</summary>
internal sealed class SimulatedPod(int number, DateTimeOffset createdAt)
{
    private static readonly DeploymentName Owner = DeploymentName.Parse("simulated");

    public PodName Name { get; } = new($"{number}");

    /// <summary>Number of requests that the pod processes, by gateway.</summary>
    public required int[] InFlight { get; init; }

    /// <summary>Number of requests that the pod processes, of all gateways.</summary>
    public int ActiveRequests { get; set; }

    public bool IsReady { get; set; }

    public bool IsDraining { get; set; }

    /// <summary>The pod, as the pod plan sees it.</summary>
    public PodCandidate Candidate =>
        new(
            new()
            {
                Name = Name,
                Deployment = Owner,
                Revision = 1,
                Phase = IsReady ? PodPhase.Ready : PodPhase.Starting,
                CreatedAt = createdAt,
            },
            IsDraining,
            ActiveRequests > 0
        );
}

/// <summary>All pods of a simulation. The plan of real deployments scales them, and their pod-seconds are counted.</summary>
/// <param name="gateways">Number of gateways that report requests.</param>
/// <param name="end">End of the trace, in seconds; later pod-seconds are not counted.</param>
internal sealed class SimulatedPods(int gateways, double end)
{
    private readonly List<SimulatedPod> pods = [];
    private double countedTo;

    /// <summary>Number of pods started so far.</summary>
    public int StartedCount { get; private set; }

    /// <summary>Maximum number of pods so far.</summary>
    public int MaxCount { get; private set; }

    /// <summary>Pod-seconds counted so far.</summary>
    public double PodSeconds { get; private set; }

    /// <summary>Number of ready pods that are not draining.</summary>
    public int ReadyCount => pods.Count(pod => pod is { IsReady: true, IsDraining: false });

    /// <summary>Returns the number of requests of a gateway that the pods process.</summary>
    public int CountInFlight(int gateway) => pods.Sum(pod => pod.InFlight[gateway]);

    /// <summary>Returns the names of the pods that process requests of a gateway.</summary>
    public List<PodName> GetBusyPods(int gateway) => [.. pods.Where(pod => pod.InFlight[gateway] > 0).Select(pod => pod.Name)];

    /// <summary>Returns the least busy ready pod with a free slot; null if there is no such pod.</summary>
    public SimulatedPod? FindFree(int concurrency) =>
        pods.Where(pod => pod is { IsReady: true, IsDraining: false } && pod.ActiveRequests < concurrency).MinBy(pod => pod.ActiveRequests);

    /// <summary>Adds the pod-seconds since the last call.</summary>
    public void AdvanceTo(double now)
    {
        PodSeconds += pods.Count * Math.Max(0, Math.Min(now, end) - countedTo);
        countedTo = Math.Max(countedTo, Math.Min(now, end));
    }

    /// <summary>Starts, recalls and drains pods according to the pod plan. Returns the started pods.</summary>
    public List<SimulatedPod> ScaleTo(int desired, DateTimeOffset now)
    {
        var plan = PodPlan.For(1, desired, [.. pods.Select(pod => pod.Candidate)]);
        foreach (var pod in pods)
            pod.IsDraining = plan.Drains.Any(drain => drain.Pod == pod.Name);
        pods.RemoveAll(HasDrained);
        var started = Enumerable
            .Range(0, plan.Starts)
            .Select(_ => new SimulatedPod(++StartedCount, now) { InFlight = new int[gateways] })
            .ToList();
        pods.AddRange(started);
        MaxCount = Math.Max(MaxCount, pods.Count);
        return started;
    }

    /// <summary>Removes a draining pod after its last request has ended.</summary>
    public void RemoveIfDrained(SimulatedPod pod)
    {
        if (HasDrained(pod))
            pods.Remove(pod);
    }

    private static bool HasDrained(SimulatedPod pod) => pod is { IsDraining: true, ActiveRequests: 0 };
}
