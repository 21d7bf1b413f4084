using DeployCard.Gateway.Problems;

namespace DeployCard.Gateway;

/// <summary>Result of a request for a slot at a pod: the pod with the slot, or the problem that prevented the admission.</summary>
/// <param name="Pod">
/// Pod at which a slot is held; null if no slot was acquired. The caller releases the slot with <see cref="DeploymentGate.Release"/>.
/// </param>
/// <param name="Problem">Problem to respond with; null if a slot was acquired.</param>
/// <param name="Waited">Time spent waiting; zero if a slot was free immediately.</param>
/// <param name="IsCold">Whether the deployment had no ready pod when the wait began.</param>
internal readonly record struct Admission(PodDestination? Pod, GatewayProblem? Problem, TimeSpan Waited, bool IsCold = false);
