using System.Security.Claims;
using DeployCard.Grains.Deployments;

namespace DeployCard.GraphQL.Deployments;

/// <summary>Changes deployments.</summary>
[MutationType]
public sealed class DeploymentMutations(IGrainFactory grains)
{
    /// <summary>Makes a deployment and its first revision.</summary>
    /// <param name="input">What to make.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="ct">The operation's.</param>
    public Task<DeploymentPayload> CreateDeployment(CreateDeploymentInput input, ClaimsPrincipal caller, CancellationToken ct) =>
        DeploymentPayload.For(
            input.Name,
            name => Grain(name).Create(new(input.Title, input.Image, (input.Configuration ?? new()).ToSpec()), caller.Actor(), ct)
        );

    /// <summary>Changes title, image or configuration; another image or configuration makes a new revision, which takes over without a gap.</summary>
    /// <param name="input">What to change.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="ct">The operation's.</param>
    public Task<DeploymentPayload> UpdateDeployment(UpdateDeploymentInput input, ClaimsPrincipal caller, CancellationToken ct) =>
        DeploymentPayload.For(
            input.Name,
            name =>
                Grain(name).Update(new(input.Title, input.Image, input.Configuration?.ToSpec(), input.ExpectedRevision), caller.Actor(), ct)
        );

    /// <summary>Makes a new revision from an old one.</summary>
    /// <param name="name">Which deployment.</param>
    /// <param name="revision">The old revision's number.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="ct">The operation's.</param>
    public Task<DeploymentPayload> RollBackDeployment(string name, int revision, ClaimsPrincipal caller, CancellationToken ct) =>
        DeploymentPayload.For(name, known => Grain(known).RollBack(revision, caller.Actor(), ct));

    /// <summary>Stops a deployment: its pods end, requests are refused, asynchronous calls wait.</summary>
    /// <param name="name">Which deployment.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="ct">The operation's.</param>
    public Task<DeploymentPayload> StopDeployment(string name, ClaimsPrincipal caller, CancellationToken ct) =>
        DeploymentPayload.For(name, known => Grain(known).Stop(caller.Actor(), ct));

    /// <summary>Lets a stopped deployment serve again.</summary>
    /// <param name="name">Which deployment.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="ct">The operation's.</param>
    public Task<DeploymentPayload> StartDeployment(string name, ClaimsPrincipal caller, CancellationToken ct) =>
        DeploymentPayload.For(name, known => Grain(known).Start(caller.Actor(), ct));

    /// <summary>Deletes a deployment: its pods end, its keys and calls go; name, dates, monitoring and readme stay for a while.</summary>
    /// <param name="name">Which deployment.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="ct">The operation's.</param>
    public Task<DeploymentPayload> DeleteDeployment(string name, ClaimsPrincipal caller, CancellationToken ct) =>
        DeploymentPayload.For(name, known => Grain(known).Delete(caller.Actor(), ct));

    private IDeploymentGrain Grain(DeploymentName name) => grains.GetGrain<IDeploymentGrain>(name.Value);
}
