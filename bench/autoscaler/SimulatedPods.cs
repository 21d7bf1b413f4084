using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;

namespace DeployCard.Bench.Scaling;

/// <summary>A pod of the simulation.</summary>
internal sealed class SimulatedPod(int number, DateTimeOffset createdAt)
{
    private static readonly DeploymentName Owner = DeploymentName.Parse("simulated");

    public PodName Name { get; } = new($"{number}");

    /// <summary>Requests that it has, by gateway.</summary>
    public required int[] InFlight { get; init; }

    public int Busy { get; set; }

    public bool IsReady { get; set; }

    public bool IsDraining { get; set; }

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
            Busy > 0
        );
}

/// <summary>All of them: brought to the wanted number by the same plan as real ones, with their time counted.</summary>
internal sealed class SimulatedPods(int gateways, double end)
{
    private readonly List<SimulatedPod> pods = [];
    private double countedTo;

    public int Started { get; private set; }

    public int Most { get; private set; }

    public double PodSeconds { get; private set; }

    public int Ready => pods.Count(pod => pod is { IsReady: true, IsDraining: false });

    public int InFlightAt(int gateway) => pods.Sum(pod => pod.InFlight[gateway]);

    public List<PodName> BusyAt(int gateway) => [.. pods.Where(pod => pod.InFlight[gateway] > 0).Select(pod => pod.Name)];

    /// <summary>The ready pod with the least to do that has a place; null where none has.</summary>
    public SimulatedPod? Free(int concurrency) =>
        pods.Where(pod => pod is { IsReady: true, IsDraining: false } && pod.Busy < concurrency).MinBy(pod => pod.Busy);

    /// <summary>Counts the time that has passed.</summary>
    public void CountTo(double now)
    {
        PodSeconds += pods.Count * Math.Max(0, Math.Min(now, end) - countedTo);
        countedTo = Math.Max(countedTo, Math.Min(now, end));
    }

    /// <summary>Starts, recalls and drains; gives those that were started.</summary>
    public List<SimulatedPod> BringTo(int desired, DateTimeOffset now)
    {
        var plan = PodPlan.For(1, desired, [.. pods.Select(pod => pod.Candidate)]);
        foreach (var pod in pods)
            pod.IsDraining = plan.Drains.Any(drain => drain.Pod == pod.Name);
        pods.RemoveAll(HasDrained);
        var started = Enumerable
            .Range(0, plan.Starts)
            .Select(_ => new SimulatedPod(++Started, now) { InFlight = new int[gateways] })
            .ToList();
        pods.AddRange(started);
        Most = Math.Max(Most, pods.Count);
        return started;
    }

    /// <summary>A request has ended: the pod goes if it was only waited for.</summary>
    public void Released(SimulatedPod pod)
    {
        if (HasDrained(pod))
            pods.Remove(pod);
    }

    private static bool HasDrained(SimulatedPod pod) => pod is { IsDraining: true, Busy: 0 };
}
