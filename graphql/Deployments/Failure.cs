using DeployCard.Contracts.Pods;

namespace DeployCard.GraphQL.Deployments;

/// <summary>Reason why the pods of a deployment do not become ready.</summary>
/// <param name="Pod">Name of the pod that failed most recently.</param>
/// <param name="Revision">Number of the revision that the pod ran.</param>
/// <param name="Reason">Short reason for programs, such as <c>CrashLoopBackOff</c> or <c>StartupTimeout</c>.</param>
/// <param name="Message">Explanation of the reason in one sentence.</param>
/// <param name="ExitCode">Exit code of the pod; null if the pod has not exited.</param>
/// <param name="LastLines">Last log lines of the pod, at most 20.</param>
/// <param name="At">Time when the failure was detected.</param>
public sealed record Failure(
    string Pod,
    int Revision,
    string Reason,
    string Message,
    int? ExitCode,
    IReadOnlyList<string> LastLines,
    DateTimeOffset At
)
{
    internal static Failure? From(DeploymentFailure? failure) =>
        failure is null
            ? null
            : new(failure.Pod, failure.Revision, failure.Reason, failure.Message, failure.ExitCode, failure.LastLines, failure.At);
}
