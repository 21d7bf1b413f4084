using System.Security.Claims;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Results;

namespace DeployCard.GraphQL.Keys;

/// <summary>Creates and revokes keys.</summary>
[MutationType]
public sealed class KeyMutations(IGrainFactory grains, KeyHasher hasher)
{
    /// <summary>Creates a key that opens one deployment. Its secret stands in the payload and is shown never again.</summary>
    /// <param name="input">What to create.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="ct">The operation's.</param>
    public async Task<CreateKeyPayload> CreateKey(CreateKeyInput input, ClaimsPrincipal caller, CancellationToken ct)
    {
        if (!DeploymentName.TryParse(input.Deployment, out var deployment))
            return new(
                null,
                null,
                UserErrors.One("deployment", ErrorCodes.NotFound, $"There is no deployment named '{input.Deployment}'.")
            );
        var secret = KeyText.New(KeyText.KeyPrefix);
        var draft = new KeyDraft(
            deployment,
            input.Name,
            secret[..KeyText.Shown],
            input.ExpiresAt,
            input.RequestsPerSecond ?? 0,
            input.RequestBurst ?? 0
        );
        var outcome = await grains.GetGrain<IKeyGrain>(hasher.Hash(secret)).Create(draft, caller.Actor(), ct);
        return outcome.Succeeded ? new(new Key(outcome.Value), secret, []) : new(null, null, UserErrors.Of(outcome.Errors));
    }

    /// <summary>Revokes a key: every gateway refuses it when this returns.</summary>
    /// <param name="id">The key's id.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="ct">The operation's.</param>
    public async Task<RevokeKeyPayload> RevokeKey([ID] string id, ClaimsPrincipal caller, CancellationToken ct)
    {
        if (GlobalId.Parse(Key.IdType, id) is not { Length: KeyHasher.HashLength * 2 } hash)
            return new(null, UserErrors.One("id", ErrorCodes.NotFound, "There is no such key."));
        var outcome = await grains.GetGrain<IKeyGrain>(hash).Revoke(caller.Actor(), ct);
        return new(outcome.Succeeded ? new Key(outcome.Value) : null, UserErrors.Of(outcome.Errors));
    }
}

/// <summary>A key to be created.</summary>
/// <param name="Deployment">The name of the deployment that it opens.</param>
/// <param name="Name">What you call it, 1 to 100 characters.</param>
/// <param name="ExpiresAt">From when on it is refused, in the future; left out: never.</param>
/// <param name="RequestsPerSecond">Requests for each second that one gateway lets through on average, 0.01 to 1,000,000; 0 or left out: no bound.</param>
/// <param name="RequestBurst">Requests that may come at once above that rate, 1 to 1,000,000; 0 or left out: one second's worth.</param>
public sealed record CreateKeyInput(
    string Deployment,
    string Name,
    DateTimeOffset? ExpiresAt = null,
    double? RequestsPerSecond = null,
    int? RequestBurst = null
);

/// <summary>What came of creating a key.</summary>
/// <param name="Key">The key; null when there are errors.</param>
/// <param name="Secret">Its text. Keep it: it is shown never again.</param>
/// <param name="Errors">Why there is none; empty when there is one.</param>
public sealed record CreateKeyPayload(Key? Key, string? Secret, IReadOnlyList<UserError> Errors);

/// <summary>What came of revoking a key.</summary>
/// <param name="Key">The key; null when there are errors.</param>
/// <param name="Errors">Why it was not revoked; empty when it was.</param>
public sealed record RevokeKeyPayload(Key? Key, IReadOnlyList<UserError> Errors);
