using DeployCard.Contracts.Names;
using DeployCard.Contracts.Routing;

namespace DeployCard.Gateway;

/// <summary>
/// Pods of a deployment that have or may get requests: the pods of its route, and recently removed pods, which may still have requests in
/// flight or about to be sent. Not thread-safe; the caller holds a lock.
/// </summary>
internal sealed class PodRoster(TimeProvider time)
{
    private static readonly TimeSpan RetiredRetention = TimeSpan.FromMinutes(1);

    private readonly List<(PodDestination Pod, DateTimeOffset Since)> retired = [];

    private PodDestination[] present = [];

    public int InFlight => All.Sum(pod => pod.InFlight);

    public IEnumerable<PodName> Busy => All.Where(pod => pod.InFlight > 0).Select(pod => pod.Pod.Name);

    private IEnumerable<PodDestination> All => present.Concat(retired.Select(r => r.Pod));

    public int GetInFlight(PodName pod) => All.Where(slot => slot.Pod.Name == pod).Sum(slot => slot.InFlight);

    /// <summary>
    /// Applies the pods of a newer route. A removed pod that is in the route again, for example after a failed readiness check, keeps its
    /// count of requests in flight.
    /// </summary>
    public PodDestination[] Update(IReadOnlyList<RoutePod> pods)
    {
        PodDestination[] now =
        [
            .. pods.Select(pod =>
                All.FirstOrDefault(slot => slot.Pod.Name == pod.Name && slot.Pod.Address == pod.Address) ?? new PodDestination(pod)
            ),
        ];
        var at = time.GetUtcNow();
        retired.RemoveAll(r => now.Contains(r.Pod) || (r.Pod.InFlight == 0 && at - r.Since > RetiredRetention));
        retired.AddRange(present.Except(now).Select(pod => (pod, at)));
        return present = now;
    }
}
