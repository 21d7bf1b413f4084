namespace DeployCard.Grains.Autoscaling;

/// <summary>How many pods are wanted, and why.</summary>
/// <param name="Pods">How many.</param>
/// <param name="Reason">Why, in a sentence for people, as in <c>3 pods: 5.2 in flight on average over 60 s, target 2</c>.</param>
/// <param name="At">When it was decided, UTC.</param>
internal sealed record Scaling(int Pods, string Reason, DateTimeOffset At)
{
    /// <summary>What the load alone asks for, before anything holds pods back; what the scale-down delay remembers.</summary>
    public int Wanted { get; init; } = Pods;

    /// <summary>Whether the load of the panic window is a burst.</summary>
    public bool IsBurst { get; init; }

    /// <summary>A number that no load has asked for.</summary>
    public static Scaling To(int pods, string why, DateTimeOffset at) => new(pods, ScalingReason.Of(pods, why), at);
}
