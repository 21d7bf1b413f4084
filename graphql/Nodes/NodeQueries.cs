using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Results;
using DeployCard.GraphQL.AsyncCalls;
using DeployCard.GraphQL.Deployments;
using DeployCard.GraphQL.Keys;
using DeployCard.GraphQL.Webhooks;

namespace DeployCard.GraphQL.Nodes;

/// <summary>Fetches things again by their ids (Relay, Global Object Identification).</summary>
[QueryType]
public sealed class NodeQueries(IKeyStore keys)
{
    private const int Most = 100;

    /// <summary>A deployment, key, webhook secret or asynchronous call by its id; null where there is none, or none any more.</summary>
    /// <param name="id">The id that it gave.</param>
    /// <param name="deployments">Where deployments are found.</param>
    /// <param name="calls">Where calls are found.</param>
    /// <param name="ct">The operation's.</param>
    public Task<INode?> Node([ID] string id, DeploymentByNameDataLoader deployments, CallByIdDataLoader calls, CancellationToken ct) =>
        Find(id, deployments, calls, ct);

    /// <summary>Several things by their ids, in the order of the ids; null in the place of one that is not there.</summary>
    /// <param name="ids">The ids that they gave, at most 100.</param>
    /// <param name="deployments">Where deployments are found.</param>
    /// <param name="calls">Where calls are found.</param>
    /// <param name="ct">The operation's.</param>
    public async Task<IReadOnlyList<INode?>> Nodes(
        [ID] IReadOnlyList<string> ids,
        DeploymentByNameDataLoader deployments,
        CallByIdDataLoader calls,
        CancellationToken ct
    ) =>
        ids.Count <= Most
            ? await Task.WhenAll(ids.Select(id => Find(id, deployments, calls, ct)))
            : throw new ApiException(ErrorCodes.Invalid, $"'ids' may have at most {Most} entries; {ids.Count} were given.");

    private async Task<INode?> Find(string id, DeploymentByNameDataLoader deployments, CallByIdDataLoader calls, CancellationToken ct)
    {
        // The id of a call is what the gateway gave its caller.
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
