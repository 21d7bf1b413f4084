using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;

namespace DeployCard.Domain.Pods;

/// <summary>
/// Steps that turn the actual pods into the desired ones. Pods of a new revision start alongside the old ones, and an old pod is drained
/// only when a new one is ready to replace it. A pod whose host is being drained counts as old, whatever its revision. A draining pod is
/// put back into service before a new one is started.
/// </summary>
/// <param name="Starts">Number of pods of the current revision to start.</param>
/// <param name="Recalls">Draining pods to put back into service.</param>
/// <param name="Drains">Pods that must be out of service, and the cause; some may be draining already.</param>
internal sealed record PodPlan(int Starts, IReadOnlyList<PodName> Recalls, IReadOnlyList<(PodName Pod, DrainCause Cause)> Drains)
{
    /// <summary>Creates the plan for a desired number of pods of the current revision.</summary>
    /// <param name="revision">Number of the current revision.</param>
    /// <param name="desired">Desired number of pods.</param>
    /// <param name="pods">Existing pods that have not been asked to stop.</param>
    public static PodPlan For(int revision, int desired, IReadOnlyList<PodCandidate> pods)
    {
        // Among equal pods the youngest is drained: the oldest has the warmest caches and has proved that it works.
        var fresh = pods.Where(IsFresh).OrderByDescending(p => p.Priority).ThenBy(p => p.Observation.CreatedAt).ToList();
        var serving = fresh.Take(desired).Count(p => p.Observation.Phase is PodPhase.Ready);
        var old = pods.Where(p => !IsFresh(p)).OrderByDescending(p => p.Priority).ThenByDescending(p => p.Observation.Revision).ToList();
        var kept = old.TakeWhile(p => p.Observation.Phase is PodPhase.Ready).Take(desired - serving).ToList();
        return new(
            Math.Max(0, desired - fresh.Count),
            [.. fresh.Take(desired).Concat(kept).Where(p => p.IsDraining).Select(p => p.Observation.Name)],
            [
                .. fresh.Skip(desired).Select(p => (p.Observation.Name, DrainCause.Surplus)),
                .. old.Except(kept).Select(p => (p.Observation.Name, DrainCause.Superseded)),
            ]
        );

        bool IsFresh(PodCandidate pod) => pod.Observation.Revision == revision && !pod.Observation.IsLeaving;
    }

    /// <summary>Creates the plan for a stopped or deleted deployment: all pods are drained.</summary>
    public static PodPlan ForStopped(IReadOnlyList<PodCandidate> pods) =>
        new(0, [], [.. pods.Select(p => (p.Observation.Name, DrainCause.Stopped))]);
}
