namespace DeployCard.Grains.Pods;

/// <summary>
/// What to do so that the pods that are there become those that are wanted. A new revision's pods come up beside the old ones, and
/// an old one goes only when a new one is ready in its place. So it is with a pod that leaves with its machine: whatever its revision, it counts as
/// old. A pod that drains is taken back before a new one is started.
/// </summary>
/// <param name="Starts">How many pods of the present revision to start.</param>
/// <param name="Recalls">The pods to take back into service.</param>
/// <param name="Drains">The pods that are out of service or go out of it, and why.</param>
internal sealed record PodPlan(int Starts, IReadOnlyList<PodName> Recalls, IReadOnlyList<(PodName Pod, DrainCause Cause)> Drains)
{
    /// <summary>The plan for a number of pods of a revision.</summary>
    /// <param name="revision">The present revision's number.</param>
    /// <param name="desired">How many of its pods are wanted.</param>
    /// <param name="pods">The pods that are there and have not been asked to end.</param>
    public static PodPlan For(int revision, int desired, IReadOnlyList<PodCandidate> pods)
    {
        // Of equals the youngest goes: what has run longest has the fullest caches and has proved that it runs.
        var fresh = pods.Where(IsFresh).OrderByDescending(p => p.Worth).ThenBy(p => p.Seen.CreatedAt).ToList();
        var serving = fresh.Take(desired).Count(p => p.Seen.Phase is PodPhase.Ready);
        var old = pods.Where(p => !IsFresh(p)).OrderByDescending(p => p.Worth).ThenByDescending(p => p.Seen.Revision).ToList();
        var kept = old.TakeWhile(p => p.Seen.Phase is PodPhase.Ready).Take(desired - serving).ToList();
        return new(
            Math.Max(0, desired - fresh.Count),
            [.. fresh.Take(desired).Concat(kept).Where(p => p.IsDraining).Select(p => p.Seen.Name)],
            [
                .. fresh.Skip(desired).Select(p => (p.Seen.Name, DrainCause.TooMany)),
                .. old.Except(kept).Select(p => (p.Seen.Name, DrainCause.Superseded)),
            ]
        );

        bool IsFresh(PodCandidate pod) => pod.Seen.Revision == revision && !pod.Seen.IsLeaving;
    }

    /// <summary>The plan for a deployment that a person stopped.</summary>
    public static PodPlan ForNone(IReadOnlyList<PodCandidate> pods) => new(0, [], [.. pods.Select(p => (p.Seen.Name, DrainCause.Stopped))]);
}
