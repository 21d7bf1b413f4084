using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Results;
using DeployCard.GraphQL.AsyncCalls;
using DeployCard.GraphQL.Deployments;
using DeployCard.GraphQL.Keys;
using DeployCard.GraphQL.Webhooks;

namespace DeployCard.GraphQL.Nodes;

/// <summary>Queries that fetch objects by their ids (Relay, Global Object Identification).</summary>
[QueryType]
public sealed class NodeQueries(IKeyStore keys)
{
    private const int MaxIds = 100;

    /// <summary>
    /// Returns a deployment, key, webhook secret or asynchronous call by its id; null if the id is unknown or the object no longer exists.
    /// </summary>
    /// <param name="id">Id of the object, as a previous response returned it.</param>
    /// <param name="deployments">Loader of the requested deployments.</param>
    /// <param name="calls">Loader of the requested asynchronous calls.</param>
    /// <param name="ct">Token that cancels the operation.</param>
    public Task<INode?> Node([ID] string id, DeploymentByNameDataLoader deployments, CallByIdDataLoader calls, CancellationToken ct) =>
        Find(id, deployments, calls, ct);

    /// <summary>
    /// Returns several objects by their ids, in the order of the ids, with null for each id that is unknown or no longer exists.
    /// </summary>
    /// <param name="ids">Ids of the objects, at most 100.</param>
    /// <param name="deployments">Loader of the requested deployments.</param>
    /// <param name="calls">Loader of the requested asynchronous calls.</param>
    /// <param name="ct">Token that cancels the operation.</param>
    public async Task<IReadOnlyList<INode?>> Nodes(
        [ID] IReadOnlyList<string> ids,
        DeploymentByNameDataLoader deployments,
        CallByIdDataLoader calls,
        CancellationToken ct
    ) =>
        ids.Count <= MaxIds
            ? await Task.WhenAll(ids.Select(id => Find(id, deployments, calls, ct)))
            : throw new ApiException(ErrorCodes.InvalidInput, $"'ids' may have at most {MaxIds} entries; got {ids.Count}.");

    private async Task<INode?> Find(string id, DeploymentByNameDataLoader deployments, CallByIdDataLoader calls, CancellationToken ct)
    {
        // An asynchronous call is identified by the id that the gateway returned, which is not a global id.
        if (CallId.TryParse(id, out var call))
            return await calls.LoadAsync(call, ct) is { } accepted ? new AsyncCall(accepted) : null;
        if (GlobalId.Parse(Deployment.IdType, id) is { } name)
            return await View(name) is { } view ? new Deployment(view) : null;
        if (GlobalId.Parse(Key.IdType, id) is { Length: KeyHasher.HashLength * 2 } hash)
            return await keys.Find(hash, ct) is { } key ? new Key(key) : null;
        return
            GlobalId.Parse(WebhookSecret.IdType, id)?.Split('/') is [var deployment, var secret]
            && (await View(deployment))?.WebhookSecrets.FirstOrDefault(s => s.Id == secret) is { } found
            ? new WebhookSecret(found, deployment)
            : null;

        async Task<DeploymentView?> View(string text) =>
            DeploymentName.TryParse(text, out var known) ? await deployments.LoadAsync(known, ct) : null;
    }
}
