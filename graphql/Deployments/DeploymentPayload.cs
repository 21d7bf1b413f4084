using DeployCard.Common.Text;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Results;

namespace DeployCard.GraphQL.Deployments;

/// <summary>Result of a mutation that changes a deployment.</summary>
/// <param name="Deployment">Current state of the deployment; null if the mutation failed.</param>
/// <param name="Errors">Errors that prevented the change; empty on success.</param>
public sealed record DeploymentPayload(Deployment? Deployment, IReadOnlyList<UserError> Errors)
{
    internal static DeploymentPayload From(Outcome<DeploymentView> outcome) =>
        new(outcome.Succeeded ? new Deployment(outcome.Value) : null, UserErrors.From(outcome.Errors));

    /// <summary>Calls the deployment's grain, or returns an error if the name is not a valid deployment name.</summary>
    internal static async Task<DeploymentPayload> Execute(string name, Func<DeploymentName, Task<Outcome<DeploymentView>>> call) =>
        DeploymentName.TryParse(name, out var parsed)
            ? From(await call(parsed))
            : new(
                null,
                UserErrors.Create(
                    "name",
                    ErrorCodes.InvalidInput,
                    $"name must be {DeploymentName.Allowed}; got '{DisplayText.Shorten(name)}'."
                )
            );
}
