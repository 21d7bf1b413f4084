using DeployCard.Common.Collections;

namespace DeployCard.Contracts.Pods;

/// <summary>Reason why the pods of a deployment do not become ready.</summary>
/// <param name="Pod">Name of the pod that failed last.</param>
/// <param name="Revision">Number of the revision that the pod runs.</param>
/// <param name="Reason">Short reason: one of <see cref="Pods.PodReasons"/>.</param>
/// <param name="Message">Reason in one sentence, for users.</param>
/// <param name="ExitCode">Exit code of the pod; null if it has not exited.</param>
/// <param name="LastLines">Last lines that the pod wrote, at most 20.</param>
/// <param name="At">Time when the failure was observed, UTC.</param>
/// <param name="Restarts">Number of restarts of the pod before this failure.</param>
[GenerateSerializer, Alias("deployment-failure"), Immutable]
public sealed record DeploymentFailure(
    [property: Id(0)] string Pod,
    [property: Id(1)] int Revision,
    [property: Id(2)] string Reason,
    [property: Id(3)] string Message,
    [property: Id(4)] int? ExitCode,
    [property: Id(5)] ValueList<string> LastLines,
    [property: Id(6)] DateTimeOffset At,
    [property: Id(7)] int Restarts = 0
);
