using DeployCard.Contracts.Access;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Routing;
using DeployCard.Gateway.Problems;
using Microsoft.Extensions.Primitives;

namespace DeployCard.Gateway;

/// <summary>Authorizes requests by API key.</summary>
internal sealed class KeyAuthorizer(KeyHasher hasher, IKeyStore keys, KeyUsageTracker uses, TestCredential test, TimeProvider time)
{
    private const string Bearer = "Bearer ";

    /// <summary>
    /// Whether the request's API key gives access to the deployment. The check computes one keyed hash and looks it up in the route; it
    /// reads nothing from storage.
    /// </summary>
    /// <param name="request">Request that carries the key.</param>
    /// <param name="route">Route of the deployment.</param>
    /// <param name="key">
    /// Key of the request; null if access is denied, or if the request carries the credential of the card's own test requests.
    /// </param>
    public bool IsAuthorized(HttpRequest request, CompiledRoute route, out CompiledKey? key)
    {
        key = null;
        var text = KeyOf(request);
        if (!IsKeyShaped(text))
            return text.StartsWith(TestCredential.Prefix, StringComparison.Ordinal) && test.Matches(text);
        Span<byte> hash = stackalloc byte[KeyHasher.HashLength];
        hasher.Hash(text, hash);
        var now = time.GetUtcNow();
        if (route.FindKey(hash) is not { } known || known.Key.ExpiresAt <= now)
            return false;
        uses.RecordUse(known, now);
        key = known;
        return true;
    }

    /// <summary>Returns the problem to respond with after <see cref="IsAuthorized"/> denied access.</summary>
    public ValueTask<GatewayProblem> FindProblem(HttpRequest request, CompiledRoute route)
    {
        var text = KeyOf(request);
        if (IsMissing(request, text))
            return new(AccessProblems.KeyMissing);
        // The checksum detects typing errors, so that only well-formed keys cost a lookup in storage.
        return KeyText.IsWellFormed(text, KeyText.KeyPrefix)
            ? new(FindKeyProblem(hasher.Hash(text.ToString()), route.Route.Deployment.Value))
            : new(AccessProblems.KeyInvalid);
    }

    /// <summary>Returns null if the request's key gives access to the deployment; otherwise the problem to respond with.</summary>
    public async ValueTask<GatewayProblem?> Authorize(HttpRequest request, CompiledRoute route) =>
        IsAuthorized(request, route, out _) ? null : await FindProblem(request, route);

    /// <summary>Returns null if the request's key is valid for any deployment; otherwise the problem to respond with.</summary>
    public async ValueTask<GatewayProblem?> AuthorizeAny(HttpRequest request)
    {
        var text = KeyOf(request);
        if (IsMissing(request, text))
            return AccessProblems.KeyMissing;
        var hash = KeyText.IsWellFormed(text, KeyText.KeyPrefix) ? hasher.Hash(text.ToString()) : null;
        return hash is not null && IsValid(await keys.Find(hash, request.HttpContext.RequestAborted)) ? null : AccessProblems.KeyInvalid;
    }

    /// <summary>
    /// Removes DeployCard's own credentials from a request, because they must never reach a pod. Other <c>Authorization</c> values are
    /// meant for the model and stay.
    /// </summary>
    public static void RemoveCredentials(IHeaderDictionary headers)
    {
        headers.Remove(HeaderNames.ApiKey);
        foreach (var value in headers.Authorization)
        {
            if (!IsSecret(BearerOf(value)))
                continue;
            headers.Authorization = StringValues.Empty;
            return;
        }
    }

    private static bool IsKeyShaped(ReadOnlySpan<char> text) =>
        text.Length == KeyText.Length && text.StartsWith(KeyText.KeyPrefix, StringComparison.Ordinal);

    private static bool IsSecret(ReadOnlySpan<char> token) =>
        token.StartsWith(KeyText.KeyPrefix, StringComparison.Ordinal)
        || token.StartsWith(KeyText.AdministratorPrefix, StringComparison.Ordinal)
        || token.StartsWith(TestCredential.Prefix, StringComparison.Ordinal);

    /// <summary>Returns the key in the request's headers; empty if there is no key.</summary>
    private static ReadOnlySpan<char> KeyOf(HttpRequest request)
    {
        if (request.Headers.TryGetValue(HeaderNames.ApiKey, out var own) && own is [{ } key])
            return key.AsSpan().Trim();
        return request.Headers.Authorization is [{ } value] ? BearerOf(value) : default;
    }

    private static bool IsMissing(HttpRequest request, ReadOnlySpan<char> key) =>
        key.IsEmpty && !request.Headers.ContainsKey(HeaderNames.ApiKey);

    private static ReadOnlySpan<char> BearerOf(string? value) =>
        value?.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) is true ? value.AsSpan(Bearer.Length).Trim() : default;

    private async Task<GatewayProblem> FindKeyProblem(string hash, string deployment) =>
        await keys.Find(hash, CancellationToken.None) is { } key && key.Deployment.Value != deployment && IsValid(key)
            ? AccessProblems.KeyForbidden
            : AccessProblems.KeyInvalid;

    private bool IsValid(KeySummary? key) => key is { RevokedAt: null } && !(key.ExpiresAt <= time.GetUtcNow());
}
