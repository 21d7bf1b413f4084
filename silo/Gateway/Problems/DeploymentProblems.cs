namespace DeployCard.Gateway.Problems;

/// <summary>Problems of requests to a deployment that serves no requests.</summary>
internal static class DeploymentProblems
{
    public static GatewayProblem NotFound(string deployment) =>
        new(GatewayErrorCode.DeploymentNotFound, "Deployment not found", $"There is no deployment named '{deployment}'.");

    public static GatewayProblem Stopped(string deployment) =>
        new(
            GatewayErrorCode.DeploymentStopped,
            "Deployment is stopped",
            $"Deployment '{deployment}' is stopped and accepts requests again after a user starts it."
        );

    public static GatewayProblem Deleted(string deployment) =>
        new(GatewayErrorCode.DeploymentDeleted, "Deployment was deleted", $"Deployment '{deployment}' was deleted.");
}
