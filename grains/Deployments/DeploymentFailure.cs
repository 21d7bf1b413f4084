namespace DeployCard.Grains.Deployments;

/// <summary>Why a deployment's pods do not become ready.</summary>
/// <param name="Pod">The pod that failed last.</param>
/// <param name="Revision">The revision that it ran.</param>
/// <param name="Reason">One of <see cref="Pods.PodReasons"/>.</param>
/// <param name="Message">The reason in a sentence.</param>
/// <param name="ExitCode">Its exit code, where it ended.</param>
/// <param name="LastLines">The last lines that it wrote, at most 20.</param>
/// <param name="At">When it was seen, UTC.</param>
/// <param name="Restarts">How often the pod had been started again by then.</param>
[GenerateSerializer, Alias("deployment-failure"), Immutable]
public sealed record DeploymentFailure(
    [property: Id(0)] string Pod,
    [property: Id(1)] int Revision,
    [property: Id(2)] string Reason,
    [property: Id(3)] string Message,
    [property: Id(4)] int? ExitCode,
    [property: Id(5)] IReadOnlyList<string> LastLines,
    [property: Id(6)] DateTimeOffset At,
    [property: Id(7)] int Restarts = 0
);
