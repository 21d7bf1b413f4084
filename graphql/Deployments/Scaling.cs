using DeployCard.Contracts.Deployments;

namespace DeployCard.GraphQL.Deployments;

/// <summary>The current scaling decision: a number of pods and its reason.</summary>
/// <param name="DesiredPods">Number of pods that the deployment should have.</param>
/// <param name="Reason">Reason for the number in one sentence, with the measured load. While the number does not change, the sentence is
/// refreshed at most every 5 s.</param>
/// <param name="DecidedAt">Time of the decision.</param>
public sealed record Scaling(int DesiredPods, string Reason, DateTimeOffset DecidedAt)
{
    internal static Scaling From(DeploymentView view) => new(view.DesiredPods, view.ScalingReason, view.ScalingDecidedAt);
}
