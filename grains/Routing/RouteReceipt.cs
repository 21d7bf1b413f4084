namespace DeployCard.Grains.Routing;

/// <summary>What became of a route that was published.</summary>
/// <param name="IsTaken">Whether every gateway has it, or a newer one.</param>
/// <param name="Newest">The highest version that a gateway has; higher than the route's where it comes from somebody else.</param>
public readonly record struct RouteReceipt(bool IsTaken, long Newest);
