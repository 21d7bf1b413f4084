namespace DeployCard.Grains.Pods;

/// <summary>
/// What to do so that the pods that are there become those that are wanted. A new revision's pods come up beside the old ones, and
/// an old one goes only when a new one is ready in its place.
/// </summary>
/// <param name="Starts">How many pods of the present revision to start.</param>
/// <param name="Drains">The pods to take out of service and to end.</param>
internal sealed record PodPlan(int Starts, IReadOnlyList<PodName> Drains)
{
    /// <summary>The plan for a number of pods of a revision.</summary>
    /// <param name="revision">The present revision's number.</param>
    /// <param name="desired">How many of its pods are wanted.</param>
    /// <param name="live">The pods that are there and are not being ended already.</param>
    public static PodPlan For(int revision, int desired, IReadOnlyList<PodObservation> live)
    {
        var fresh = live.Where(p => p.Revision == revision).OrderByDescending(Worth).ThenBy(p => p.CreatedAt).ToList();
        var serving = fresh.Take(desired).Count(p => p.Phase is PodPhase.Ready);
        var old = live.Where(p => p.Revision != revision).OrderByDescending(Worth).ThenByDescending(p => p.Revision).ToList();
        var keep = old.TakeWhile(p => p.Phase is PodPhase.Ready).Take(desired - serving).ToList();
        return new(Math.Max(0, desired - fresh.Count), [.. fresh.Skip(desired).Concat(old.Except(keep)).Select(p => p.Name)]);
    }

    private static int Worth(PodObservation pod) => pod.Phase switch
    {
        PodPhase.Ready => 2,
        PodPhase.Starting => 1,
        _ => 0,
    };
}
