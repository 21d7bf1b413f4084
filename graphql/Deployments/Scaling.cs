using DeployCard.Grains.Deployments;

namespace DeployCard.GraphQL.Deployments;

/// <summary>How many pods a deployment wants now, and why.</summary>
/// <param name="DesiredPods">How many pods are wanted.</param>
/// <param name="Reason">Why, in a sentence, as in <c>3 pods: 5.2 in flight on average over 60 s, target 2</c>. While the number stays, it is renewed every 5 s at the most.</param>
/// <param name="DecidedAt">When that was decided.</param>
public sealed record Scaling(int DesiredPods, string Reason, DateTimeOffset DecidedAt)
{
    internal static Scaling Of(DeploymentView view) => new(view.DesiredPods, view.ScalingReason, view.ScalingDecidedAt);
}
