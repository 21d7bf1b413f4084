namespace DeployCard.Contracts.Routing;

/// <summary>Result of publishing a route to all gateways.</summary>
/// <param name="AllAcknowledged">Whether every gateway has acknowledged this route or a newer one.</param>
/// <param name="HighestVersion">
/// Highest version that any gateway has; higher than the published version if another activation has published a newer route.
/// </param>
public readonly record struct RoutePublishResult(bool AllAcknowledged, long HighestVersion);
