namespace DeployCard.Silo.Gateway;

/// <summary>What came of asking for a pod: a pod with a place taken, or why there is none.</summary>
/// <param name="Pod">The pod; the caller gives the place back by <see cref="DeploymentGate.Release"/>.</param>
/// <param name="Problem">Why there is none.</param>
/// <param name="Waited">How long it took; zero when a pod was free at once.</param>
/// <param name="IsCold">Whether no pod was ready when the wait began.</param>
internal readonly record struct Admission(PodSlot? Pod, GatewayProblem? Problem, TimeSpan Waited, bool IsCold = false);
