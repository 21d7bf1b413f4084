using DeployCard.Contracts.Pods;

namespace DeployCard.GraphQL.Deployments;

/// <summary>One instance of a revision.</summary>
public sealed class Pod
{
    private readonly PodObservation pod;

    internal Pod(PodObservation pod) => this.pod = pod;

    /// <summary>Name of the pod; names are never reused.</summary>
    public string Name => pod.Name.Value;

    /// <summary>Number of the revision that the pod runs.</summary>
    public int Revision => pod.Revision;

    /// <summary>Current phase of the pod.</summary>
    public PodPhase Phase => pod.Phase;

    /// <summary>Time when the pod was requested.</summary>
    public DateTimeOffset CreatedAt => pod.CreatedAt;

    /// <summary>Time when the pod's most recent run became ready; null if no run became ready.</summary>
    public DateTimeOffset? ReadyAt => pod.ReadyAt;

    /// <summary>Number of restarts after failures.</summary>
    public int Restarts => pod.Restarts;

    /// <summary>
    /// Exit code of the most recent run, 0 to 255, or 128 + n if the run was ended by signal n; null while the first run continues.
    /// </summary>
    public int? ExitCode => pod.ExitCode;

    /// <summary>
    /// Short reason why the pod is not ready, such as <c>CrashLoopBackOff</c> or <c>StartupTimeout</c>; null if there is no reason to
    /// report.
    /// </summary>
    public string? Reason => pod.Reason;

    /// <summary>Explanation of the reason in one sentence; null if there is no reason to report.</summary>
    public string? Message => pod.Message;

    /// <summary>Last log lines of the most recent failed run, at most 20; empty if no run failed.</summary>
    public IReadOnlyList<string> LastLines => pod.LastLines;

    /// <summary>Time of the next restart of a failed pod; null if no restart is scheduled.</summary>
    public DateTimeOffset? NextStartAt => pod.NextStartAt;
}
