using System.Security.Claims;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Results;

namespace DeployCard.GraphQL.Keys;

/// <summary>Mutations that create and revoke API keys.</summary>
[MutationType]
public sealed class KeyMutations(IGrainFactory grains, KeyHasher hasher)
{
    /// <summary>Creates an API key for one deployment. The secret is in the payload and cannot be retrieved later.</summary>
    /// <param name="input">Properties of the new key.</param>
    /// <param name="caller">Authenticated caller of the operation.</param>
    /// <param name="ct">Token that cancels the operation.</param>
    public async Task<CreateKeyPayload> CreateKey(CreateKeyInput input, ClaimsPrincipal caller, CancellationToken ct)
    {
        if (!DeploymentLookup.TryParse(input.Deployment, out var deployment, out var error))
            return new(null, null, [error]);
        var secret = KeyText.Create(KeyText.KeyPrefix);
        var draft = new KeyDraft(
            deployment,
            input.Name,
            secret[..KeyText.DisplayLength],
            input.ExpiresAt,
            input.RequestsPerSecond ?? 0,
            input.RequestBurst ?? 0
        );
        var outcome = await grains.GetGrain<IKeyGrain>(hasher.Hash(secret)).Create(draft, caller.GetActor(), ct);
        return outcome.Succeeded ? new(new Key(outcome.Value), secret, []) : new(null, null, UserErrors.From(outcome.Errors));
    }

    /// <summary>Revokes a key. When the mutation returns, every gateway rejects the key.</summary>
    /// <param name="id">Id of the key.</param>
    /// <param name="caller">Authenticated caller of the operation.</param>
    /// <param name="ct">Token that cancels the operation.</param>
    public async Task<RevokeKeyPayload> RevokeKey([ID] string id, ClaimsPrincipal caller, CancellationToken ct)
    {
        if (GlobalId.Parse(Key.IdType, id) is not { Length: KeyHasher.HashLength * 2 } hash)
            return new(null, UserErrors.Create("id", ErrorCodes.NotFound, "There is no such key."));
        var outcome = await grains.GetGrain<IKeyGrain>(hash).Revoke(caller.GetActor(), ct);
        return new(outcome.Succeeded ? new Key(outcome.Value) : null, UserErrors.From(outcome.Errors));
    }
}

/// <summary>Input for a new API key.</summary>
/// <param name="Deployment">Name of the deployment that the key gives access to.</param>
/// <param name="Name">Name of the key, 1 to 100 characters.</param>
/// <param name="ExpiresAt">Time from which the key is rejected; must be in the future. Null means that the key does not expire.</param>
/// <param name="RequestsPerSecond">Maximum average rate in requests per second that one gateway admits with this key, 0.01 to 1,000,000; 0
/// or null means unlimited.</param>
/// <param name="RequestBurst">Number of requests that may exceed the rate in a burst, 1 to 1,000,000; 0 or null means one second's worth of
/// the rate.</param>
public sealed record CreateKeyInput(
    string Deployment,
    string Name,
    DateTimeOffset? ExpiresAt = null,
    double? RequestsPerSecond = null,
    int? RequestBurst = null
);

/// <summary>Result of the mutation <c>createKey</c>.</summary>
/// <param name="Key">The new key; null if the mutation failed.</param>
/// <param name="Secret">Secret value of the key; null if the mutation failed. Store it safely, because it cannot be retrieved
/// later.</param>
/// <param name="Errors">Errors that prevented the creation; empty on success.</param>
public sealed record CreateKeyPayload(Key? Key, string? Secret, IReadOnlyList<UserError> Errors);

/// <summary>Result of the mutation <c>revokeKey</c>.</summary>
/// <param name="Key">The revoked key; null if the mutation failed.</param>
/// <param name="Errors">Errors that prevented the revocation; empty on success.</param>
public sealed record RevokeKeyPayload(Key? Key, IReadOnlyList<UserError> Errors);
