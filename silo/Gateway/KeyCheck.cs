using DeployCard.Grains.Keys;
using DeployCard.Silo.Access;
using Microsoft.Extensions.Primitives;

namespace DeployCard.Silo.Gateway;

/// <summary>Whether a request's key opens a deployment.</summary>
internal sealed class KeyCheck(KeyHasher hasher, IKeyStore keys, LoadReporter uses, TestCredential test, TimeProvider time)
{
    public const string KeyHeader = "X-API-Key";
    private const string Bearer = "Bearer ";

    /// <summary>Null when it does, else why it does not.</summary>
    public ValueTask<GatewayProblem?> Check(HttpRequest request, GateRoute route)
    {
        if (KeyOf(request) is not { } text)
            return new(GatewayProblem.KeyMissing);
        if (!KeyText.IsWellFormed(text, KeyText.KeyPrefix))
            return new(text.StartsWith(TestCredential.Prefix, StringComparison.Ordinal) && test.Is(text) ? null : GatewayProblem.KeyUnknown);
        Span<byte> hash = stackalloc byte[KeyHasher.HashLength];
        hasher.Hash(text, hash);
        if (route.FindKey(hash) is { } key && !(key.ExpiresAt <= time.GetUtcNow()))
        {
            uses.KeyUsed(key);
            return new((GatewayProblem?)null);
        }

        return new(Explain(Convert.ToHexStringLower(hash), route.Route.Deployment.Value));
    }

    /// <summary>Whether a request's key is good for any deployment.</summary>
    public async Task<bool> IsKnown(HttpRequest request) =>
        KeyOf(request) is { } text && KeyText.IsWellFormed(text, KeyText.KeyPrefix) && IsGood(await keys.Find(hasher.Hash(text), request.HttpContext.RequestAborted));

    /// <summary>Whether an <c>Authorization</c> holds a secret of ours, which must never reach a pod; another one is the model's.</summary>
    public static bool IsOurs(StringValues authorization)
    {
        foreach (var value in authorization)
        {
            if (value is not null && BearerOf(value) is { } token && IsSecret(token))
                return true;
        }

        return false;
    }

    private static bool IsSecret(string token) =>
        token.StartsWith(KeyText.KeyPrefix, StringComparison.Ordinal) || token.StartsWith(KeyText.AdministratorPrefix, StringComparison.Ordinal)
        || token.StartsWith(TestCredential.Prefix, StringComparison.Ordinal);

    private static string? KeyOf(HttpRequest request)
    {
        if (request.Headers.TryGetValue(KeyHeader, out var own) && own is [{ } key])
            return key.Trim();
        return request.Headers.Authorization is [{ } value] ? BearerOf(value) : null;
    }

    private static string? BearerOf(string value) => value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? value[Bearer.Length..].Trim() : null;

    private async Task<GatewayProblem?> Explain(string hash, string deployment) =>
        await keys.Find(hash, CancellationToken.None) is { } key && key.Deployment.Value != deployment && IsGood(key)
            ? GatewayProblem.KeyOfAnother
            : GatewayProblem.KeyUnknown;

    private bool IsGood(KeySummary? key) => key is { RevokedAt: null } && !(key.ExpiresAt <= time.GetUtcNow());
}
