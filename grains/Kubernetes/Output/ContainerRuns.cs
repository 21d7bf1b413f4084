using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Kubernetes.Pods;

namespace DeployCard.Kubernetes.Output;

/// <summary>Finds the current container runs of pods.</summary>
internal sealed class ContainerRuns(PodApi api, PodTable table, LogReadFailures failures)
{
    /// <summary>Returns the current run of a pod as the table contains it; null if the pod was removed or is unknown.</summary>
    public ContainerRun? Find(PodName pod) =>
        table.Find(pod) is { Observation.Phase: not PodPhase.Ended } known ? ContainerRun.FromPod(known.Pod) : null;

    /// <summary>
    /// Returns the number of the current run of a pod. The API server is queried because the table may lag behind. If the API server is
    /// unavailable, the number comes from the table.
    /// </summary>
    public async Task<int> GetCurrentNumber(PodName pod, CancellationToken cancellationToken)
    {
        var known = Find(pod)?.RestartCount ?? 0;
        try
        {
            return await api.Find(pod.Value, cancellationToken) is { } now
                ? Math.Max(known, ContainerRun.FromPod(now).RestartCount)
                : known;
        }
        catch (Exception e)
        {
            failures.Log(pod, e);
            return known;
        }
    }

    /// <summary>
    /// Waits until the current run of a pod is not <paramref name="run"/>, the pod was removed, or <paramref name="end"/> is canceled.
    /// </summary>
    public async Task WaitForOther(PodName pod, DeploymentName deployment, ContainerRun run, CancellationToken end)
    {
        try
        {
            await foreach (var pods in table.Watch(deployment, end))
            {
                if (Find(pod) != run)
                    return;
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The caller checks the token.
        }
    }
}
