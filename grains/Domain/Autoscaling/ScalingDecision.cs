namespace DeployCard.Domain.Autoscaling;

/// <summary>A scaling decision: the desired number of pods and the reason.</summary>
/// <param name="Pods">Desired number of pods.</param>
/// <param name="Reason">Reason in one sentence, for users, for example <c>3 pods: 5.2 in flight on average over 60 s, target 2</c>.</param>
/// <param name="At">Time of the decision, UTC.</param>
internal sealed record ScalingDecision(int Pods, string Reason, DateTimeOffset At)
{
    /// <summary>Number of pods that the load alone requires, up to the maximum. The scale-down delay remembers this number.</summary>
    public int RequiredPods { get; init; } = Pods;

    /// <summary>Whether the load over the panic window is a burst.</summary>
    public bool IsBurst { get; init; }

    /// <summary>Creates a decision that does not depend on the load.</summary>
    public static ScalingDecision Create(int pods, string why, DateTimeOffset at) => new(pods, ScalingReason.Format(pods, why), at);
}
