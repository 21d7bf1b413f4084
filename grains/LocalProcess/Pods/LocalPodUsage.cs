using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Runtimes;
using DeployCard.LocalProcess.Processes;

namespace DeployCard.LocalProcess.Pods;

/// <summary>
/// Measures the CPU and memory of this silo's pods: the sum over all processes of a pod's session, read from <c>/proc</c>.
/// </summary>
internal sealed class LocalPodUsage(LocalProcessRuntime runtime, LocalPodServices tools) : IPodUsage
{
    // Processor time of each session and the timestamp of the measurement.
    private Dictionary<int, (TimeSpan Cpu, long At)> previous = [];

    public Task<IReadOnlyList<PodUsage>> Measure(CancellationToken cancellationToken)
    {
        var pods = runtime
            .Snapshot.Pods.Where(pod => pod.Phase is not PodPhase.Ended)
            .Select(pod => (Pod: pod, Session: tools.Sessions.Find(pod.Name)))
            .ToList();
        if (pods.TrueForAll(pod => pod.Session is null))
        {
            previous = [];
            return Task.FromResult<IReadOnlyList<PodUsage>>([.. pods.Select(pod => CreateUsage(pod.Pod, null, null))]);
        }

        var at = TimeProvider.System.GetTimestamp();
        var sessions = ProcessStat
            .ReadAll()
            .GroupBy(process => process.Session)
            .ToDictionary(
                session => session.Key,
                session => (Cpu: session.Aggregate(TimeSpan.Zero, (sum, p) => sum + p.CpuTime), Memory: session.Sum(p => p.MemoryBytes))
            );
        var (last, now) = (previous, new Dictionary<int, (TimeSpan Cpu, long At)>());
        var usage = new List<PodUsage>();
        foreach (var (pod, session) in pods)
        {
            if (session is not { } id || !sessions.TryGetValue(id, out var used))
            {
                usage.Add(CreateUsage(pod, null, null));
                continue;
            }

            now[id] = (used.Cpu, at);
            usage.Add(CreateUsage(pod, last.TryGetValue(id, out var then) ? Cores(then, now[id]) : null, used.Memory));
        }

        previous = now;
        return Task.FromResult<IReadOnlyList<PodUsage>>(usage);
    }

    private static PodUsage CreateUsage(PodObservation pod, double? cores, long? memory) =>
        new(pod.Deployment, pod.Name, pod.Phase is PodPhase.Ready, cores, memory);

    /// <summary>
    /// Average number of cores used between two measurements; null if no time has passed. The sum of processor times can decrease, because
    /// the time of a process that no parent waited for is lost when it ends; this counts as 0.
    /// </summary>
    private static double? Cores((TimeSpan Cpu, long At) then, (TimeSpan Cpu, long At) now) =>
        TimeProvider.System.GetElapsedTime(then.At, now.At) is var passed && passed > TimeSpan.Zero
            ? Math.Max(0, (now.Cpu - then.Cpu).TotalSeconds / passed.TotalSeconds)
            : null;
}
