using System.Security.Claims;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;

namespace DeployCard.GraphQL.Deployments;

/// <summary>Mutations that change deployments.</summary>
[MutationType]
public sealed class DeploymentMutations(IGrainFactory grains)
{
    /// <summary>Creates a deployment with its first revision.</summary>
    /// <param name="input">Name, image and configuration of the deployment.</param>
    /// <param name="caller">Authenticated caller of the operation.</param>
    /// <param name="ct">Token that cancels the operation.</param>
    public Task<DeploymentPayload> CreateDeployment(CreateDeploymentInput input, ClaimsPrincipal caller, CancellationToken ct) =>
        DeploymentPayload.Execute(
            input.Name,
            name => Grain(name).Create(new(input.Title, input.Image, input.Configuration ?? new()), caller.GetActor(), ct)
        );

    /// <summary>
    /// Changes title, image or configuration. A different image or configuration creates a new revision, which replaces the current one
    /// without downtime.
    /// </summary>
    /// <param name="input">Values to change, with the deployment name.</param>
    /// <param name="caller">Authenticated caller of the operation.</param>
    /// <param name="ct">Token that cancels the operation.</param>
    public Task<DeploymentPayload> UpdateDeployment(UpdateDeploymentInput input, ClaimsPrincipal caller, CancellationToken ct) =>
        DeploymentPayload.Execute(
            input.Name,
            name => Grain(name).Update(new(input.Title, input.Image, input.Configuration, input.ExpectedRevision), caller.GetActor(), ct)
        );

    /// <summary>Rolls back to an earlier revision by creating a new revision with the same image and configuration.</summary>
    /// <param name="name">Name of the deployment.</param>
    /// <param name="revision">Number of the revision to restore.</param>
    /// <param name="caller">Authenticated caller of the operation.</param>
    /// <param name="ct">Token that cancels the operation.</param>
    public Task<DeploymentPayload> RollBackDeployment(string name, int revision, ClaimsPrincipal caller, CancellationToken ct) =>
        DeploymentPayload.Execute(name, known => Grain(known).RollBack(revision, caller.GetActor(), ct));

    /// <summary>Stops a deployment: its pods are stopped, requests are rejected, and asynchronous calls stay queued.</summary>
    /// <param name="name">Name of the deployment.</param>
    /// <param name="caller">Authenticated caller of the operation.</param>
    /// <param name="ct">Token that cancels the operation.</param>
    public Task<DeploymentPayload> StopDeployment(string name, ClaimsPrincipal caller, CancellationToken ct) =>
        DeploymentPayload.Execute(name, known => Grain(known).Stop(caller.GetActor(), ct));

    /// <summary>Starts a stopped deployment, which then serves requests again.</summary>
    /// <param name="name">Name of the deployment.</param>
    /// <param name="caller">Authenticated caller of the operation.</param>
    /// <param name="ct">Token that cancels the operation.</param>
    public Task<DeploymentPayload> StartDeployment(string name, ClaimsPrincipal caller, CancellationToken ct) =>
        DeploymentPayload.Execute(name, known => Grain(known).Start(caller.GetActor(), ct));

    /// <summary>
    /// Deletes a deployment: its pods are stopped and its keys and calls are removed. Name, title, dates, monitoring and readme stay until
    /// <c>purgeAt</c>.
    /// </summary>
    /// <param name="name">Name of the deployment.</param>
    /// <param name="caller">Authenticated caller of the operation.</param>
    /// <param name="ct">Token that cancels the operation.</param>
    public Task<DeploymentPayload> DeleteDeployment(string name, ClaimsPrincipal caller, CancellationToken ct) =>
        DeploymentPayload.Execute(name, known => Grain(known).Delete(caller.GetActor(), ct));

    private IDeploymentGrain Grain(DeploymentName name) => grains.GetGrain<IDeploymentGrain>(name.Value);
}
