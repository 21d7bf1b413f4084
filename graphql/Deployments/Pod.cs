using DeployCard.Grains.Pods;

namespace DeployCard.GraphQL.Deployments;

/// <summary>One running instance of a revision.</summary>
public sealed class Pod
{
    private readonly PodObservation pod;

    internal Pod(PodObservation pod) => this.pod = pod;

    /// <summary>Its name, unique for all time.</summary>
    public string Name => pod.Name.Value;

    /// <summary>The revision that it runs.</summary>
    public int Revision => pod.Revision;

    /// <summary>Where it is in its life.</summary>
    public PodPhase Phase => pod.Phase;

    /// <summary>When it was asked for.</summary>
    public DateTimeOffset CreatedAt => pod.CreatedAt;

    /// <summary>When its last run became ready; null where that never was.</summary>
    public DateTimeOffset? ReadyAt => pod.ReadyAt;

    /// <summary>How often it was started again after a failure.</summary>
    public int Restarts => pod.Restarts;

    /// <summary>The exit code of its last run: 0 to 255, 128 + n for an end by signal n.</summary>
    public int? ExitCode => pod.ExitCode;

    /// <summary>Why it is not ready, in a word: <c>CrashLoopBackOff</c>, <c>StartupTimeout</c> …</summary>
    public string? Reason => pod.Reason;

    /// <summary>Why it is not ready, in a sentence.</summary>
    public string? Message => pod.Message;

    /// <summary>The last lines that its last failed run wrote, at most 20.</summary>
    public IReadOnlyList<string> LastLines => pod.LastLines;

    /// <summary>When a failed pod is started again.</summary>
    public DateTimeOffset? NextStartAt => pod.NextStartAt;
}
