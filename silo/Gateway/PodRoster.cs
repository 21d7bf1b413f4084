using DeployCard.Grains.Pods;
using DeployCard.Grains.Routing;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// The pods of a deployment that have or may have requests: those of its route, and those that the route no longer names, at which requests may
/// still be, or just on their way. Its user locks it.
/// </summary>
internal sealed class PodRoster(TimeProvider time)
{
    private static readonly TimeSpan RetiredMemory = TimeSpan.FromMinutes(1);

    private readonly List<(PodSlot Pod, DateTimeOffset Since)> retired = [];

    private PodSlot[] present = [];

    public int InFlight => All.Sum(pod => pod.InFlight);

    public IEnumerable<PodName> Busy => All.Where(pod => pod.InFlight > 0).Select(pod => pod.Pod.Name);

    private IEnumerable<PodSlot> All => present.Concat(retired.Select(r => r.Pod));

    public int InFlightOf(PodName pod) => All.Where(slot => slot.Pod.Name == pod).Sum(slot => slot.InFlight);

    /// <summary>Takes the pods of a newer route. One that comes back, as after a missed readiness check, has its requests still.</summary>
    public PodSlot[] Take(IReadOnlyList<RoutePod> pods)
    {
        PodSlot[] now =
        [
            .. pods.Select(pod =>
                All.FirstOrDefault(slot => slot.Pod.Name == pod.Name && slot.Pod.Address == pod.Address) ?? new PodSlot(pod)
            ),
        ];
        var at = time.GetUtcNow();
        retired.RemoveAll(r => now.Contains(r.Pod) || (r.Pod.InFlight == 0 && at - r.Since > RetiredMemory));
        retired.AddRange(present.Except(now).Select(pod => (pod, at)));
        return present = now;
    }
}
