using DeployCard.Grains.Deployments;
using DeployCard.Grains.Results;

namespace DeployCard.GraphQL.Deployments;

/// <summary>What came of changing a deployment.</summary>
/// <param name="Deployment">The deployment as it is now; null when nothing was changed because of errors.</param>
/// <param name="Errors">Why nothing was changed; empty when it was.</param>
public sealed record DeploymentPayload(Deployment? Deployment, IReadOnlyList<UserError> Errors)
{
    internal static DeploymentPayload Of(Outcome<DeploymentView> outcome) =>
        new(outcome.Succeeded ? new Deployment(outcome.Value) : null, UserErrors.Of(outcome.Errors));

    /// <summary>Calls a deployment's grain, if the name can be one.</summary>
    internal static async Task<DeploymentPayload> For(string name, Func<DeploymentName, Task<Outcome<DeploymentView>>> call) =>
        DeploymentName.TryParse(name, out var parsed)
            ? Of(await call(parsed))
            : new(
                null,
                UserErrors.One(
                    "name",
                    ErrorCodes.Invalid,
                    $"name must be {DeploymentName.Allowed}; '{(name.Length > 80 ? name[..80] + "…" : name)}' was given."
                )
            );
}
