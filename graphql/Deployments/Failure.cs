using DeployCard.Grains.Deployments;

namespace DeployCard.GraphQL.Deployments;

/// <summary>Why a deployment's pods do not become ready.</summary>
/// <param name="Pod">The pod that failed last.</param>
/// <param name="Revision">The revision that it ran.</param>
/// <param name="Reason">In a word: <c>CrashLoopBackOff</c>, <c>StartupTimeout</c> …</param>
/// <param name="Message">In a sentence.</param>
/// <param name="ExitCode">Its exit code, where it ended.</param>
/// <param name="LastLines">The last lines that it wrote, at most 20.</param>
/// <param name="At">When it was seen.</param>
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
    internal static Failure? Of(DeploymentFailure? failure) =>
        failure is null
            ? null
            : new(failure.Pod, failure.Revision, failure.Reason, failure.Message, failure.ExitCode, failure.LastLines, failure.At);
}
