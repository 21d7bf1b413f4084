using DeployCard.Contracts.Names;

namespace DeployCard.Contracts.Logs;

/// <summary>Returns how much of the output of a pod is in the log, so that a runtime can resume reading it on another silo.</summary>
public interface IPodLogCheckpoint
{
    /// <summary>
    /// Returns the times (UTC) of at most <paramref name="maxLines"/> of the last lines that the pod itself wrote and that are in the log
    /// of its deployment, in the order of the lines. Empty if the log has no line of the pod.
    /// </summary>
    Task<IReadOnlyList<DateTimeOffset>> ReadLastLineTimes(
        PodName pod,
        DeploymentName deployment,
        int maxLines,
        CancellationToken cancellationToken
    );
}
