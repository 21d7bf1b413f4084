using System.Diagnostics.CodeAnalysis;
using DeployCard.Client.Cluster;
using DeployCard.Common.Text;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Results;

namespace DeployCard.GraphQL;

/// <summary>Finds the deployment that a client names, or returns the error that explains why there is none.</summary>
internal static class DeploymentLookup
{
    /// <summary>Parses the name of a deployment. The error of an invalid name is that of a deployment that does not exist.</summary>
    public static bool TryParse(string name, out DeploymentName parsed, [NotNullWhen(false)] out UserError? error)
    {
        error = DeploymentName.TryParse(name, out parsed) ? null : NotFound(name);
        return error is null;
    }

    /// <summary>Returns a deployment that is not deleted, or the error <c>NOT_FOUND</c> or <c>DEPLOYMENT_DELETED</c>.</summary>
    public static async Task<(DeploymentView? Deployment, UserError? Error)> Find(
        this GrainRetry retry,
        IGrainFactory grains,
        string name,
        CancellationToken cancellationToken
    ) =>
        await retry.FindAny(grains, name, cancellationToken) is not { } deployment ? (null, NotFound(name))
        : deployment.DeletedAt is not null ? (null, Deleted(name))
        : (deployment, null);

    /// <summary>Returns a deployment that is not deleted.</summary>
    /// <exception cref="ApiException">There is no such deployment, or it is deleted.</exception>
    public static async Task<DeploymentView> Require(
        this GrainRetry retry,
        IGrainFactory grains,
        string name,
        CancellationToken cancellationToken
    )
    {
        var (deployment, error) = await retry.Find(grains, name, cancellationToken);
        return deployment ?? throw new ApiException(error!.Code, error.Message);
    }

    /// <summary>Returns a deployment, even if it is deleted.</summary>
    /// <exception cref="ApiException">There is no such deployment.</exception>
    public static async Task<DeploymentView> RequireAny(
        this GrainRetry retry,
        IGrainFactory grains,
        string name,
        CancellationToken cancellationToken
    ) => await retry.FindAny(grains, name, cancellationToken) ?? throw new ApiException(ErrorCodes.NotFound, NotFound(name).Message);

    /// <summary>Returns a deployment, even if it is deleted; null if there is no deployment of that name.</summary>
    public static async Task<DeploymentView?> FindAny(
        this GrainRetry retry,
        IGrainFactory grains,
        string name,
        CancellationToken cancellationToken
    ) =>
        DeploymentName.TryParse(name, out var parsed)
            ? await retry.Execute(grains.GetGrain<IDeploymentGrain>(parsed.Value).Get, cancellationToken)
            : null;

    private static UserError NotFound(string name) =>
        new("deployment", ErrorCodes.NotFound, $"There is no deployment named '{DisplayText.Shorten(name)}'.");

    private static UserError Deleted(string name) => new("deployment", ErrorCodes.DeploymentDeleted, $"Deployment '{name}' was deleted.");
}
