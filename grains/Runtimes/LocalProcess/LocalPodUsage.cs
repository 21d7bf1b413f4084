using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>What this silo's pods use: all processes of each one's session, by the kernel's own account.</summary>
internal sealed class LocalPodUsage(LocalProcessRuntime runtime, PodTools tools) : IPodUsage
{
    // Of each session the processor time and when it was read.
    private Dictionary<int, (TimeSpan Cpu, long At)> before = [];

    public Task<IReadOnlyList<PodUsage>> Measure(CancellationToken cancellationToken)
    {
        var pods = runtime
            .Pods.Pods.Where(pod => pod.Phase is not PodPhase.Ended)
            .Select(pod => (Pod: pod, Session: tools.Sessions.Of(pod.Name)))
            .ToList();
        if (pods.TrueForAll(pod => pod.Session is null))
        {
            before = [];
            return Task.FromResult<IReadOnlyList<PodUsage>>([.. pods.Select(pod => Of(pod.Pod, null, null))]);
        }

        var at = TimeProvider.System.GetTimestamp();
        var sessions = ProcessStat
            .All()
            .GroupBy(process => process.Session)
            .ToDictionary(
                session => session.Key,
                session => (Cpu: session.Aggregate(TimeSpan.Zero, (sum, p) => sum + p.Cpu), Memory: session.Sum(p => p.MemoryBytes))
            );
        var (last, now) = (before, new Dictionary<int, (TimeSpan Cpu, long At)>());
        var usage = new List<PodUsage>();
        foreach (var (pod, session) in pods)
        {
            if (session is not { } id || !sessions.TryGetValue(id, out var used))
            {
                usage.Add(Of(pod, null, null));
                continue;
            }

            now[id] = (used.Cpu, at);
            usage.Add(Of(pod, last.TryGetValue(id, out var then) ? Cores(then, now[id]) : null, used.Memory));
        }

        before = now;
        return Task.FromResult<IReadOnlyList<PodUsage>>(usage);
    }

    private static PodUsage Of(PodObservation pod, double? cores, long? memory) =>
        new(pod.Deployment, pod.Name, pod.Phase is PodPhase.Ready, cores, memory);

    /// <summary>Where a process ended that nobody waited for, its time went with it: that is no negative use.</summary>
    private static double? Cores((TimeSpan Cpu, long At) then, (TimeSpan Cpu, long At) now) =>
        TimeProvider.System.GetElapsedTime(then.At, now.At) is var passed && passed > TimeSpan.Zero
            ? Math.Max(0, (now.Cpu - then.Cpu).TotalSeconds / passed.TotalSeconds)
            : null;
}
