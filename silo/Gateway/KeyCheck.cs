using DeployCard.Grains.Keys;
using DeployCard.Silo.Access;
using Microsoft.Extensions.Primitives;

namespace DeployCard.Silo.Gateway;

/// <summary>Whether a request's key opens a deployment.</summary>
internal sealed class KeyCheck(KeyHasher hasher, IKeyStore keys, KeyUses uses, TestCredential test, TimeProvider time)
{
    public const string KeyHeader = "X-API-Key";
    private const string Bearer = "Bearer ";

    /// <summary>
    /// Whether the key opens it, from memory alone: one keyed hash and a look into the route. <paramref name="key"/> is null for the
    /// credential of the card's own test requests.
    /// </summary>
    public bool Opens(HttpRequest request, GateRoute route, out KeySlot? key)
    {
        key = null;
        var text = KeyOf(request);
        if (!HasForm(text))
            return text.StartsWith(TestCredential.Prefix, StringComparison.Ordinal) && test.Is(text);
        Span<byte> hash = stackalloc byte[KeyHasher.HashLength];
        hasher.Hash(text, hash);
        var now = time.GetUtcNow();
        if (route.FindKey(hash) is not { } known || known.Key.ExpiresAt <= now)
            return false;
        uses.Note(known, now);
        key = known;
        return true;
    }

    /// <summary>Why a key that does not open a deployment does not.</summary>
    public ValueTask<GatewayProblem> Explain(HttpRequest request, GateRoute route)
    {
        var text = KeyOf(request);
        if (IsMissing(request, text))
            return new(GatewayProblem.KeyMissing);
        // A typing error is found by the checksum: only what may be a key is looked up.
        return KeyText.IsWellFormed(text, KeyText.KeyPrefix)
            ? new(Explain(hasher.Hash(text.ToString()), route.Route.Deployment.Value))
            : new(GatewayProblem.KeyUnknown);
    }

    /// <summary>Null when the key opens it, else why it does not.</summary>
    public async ValueTask<GatewayProblem?> Check(HttpRequest request, GateRoute route) =>
        Opens(request, route, out _) ? null : await Explain(request, route);

    /// <summary>Null when a request's key is good for any deployment, else why it opens none.</summary>
    public async ValueTask<GatewayProblem?> CheckAny(HttpRequest request)
    {
        var text = KeyOf(request);
        if (IsMissing(request, text))
            return GatewayProblem.KeyMissing;
        var hash = KeyText.IsWellFormed(text, KeyText.KeyPrefix) ? hasher.Hash(text.ToString()) : null;
        return hash is not null && IsGood(await keys.Find(hash, request.HttpContext.RequestAborted)) ? null : GatewayProblem.KeyUnknown;
    }

    /// <summary>Takes the secrets of ours out of a request: they must never reach a pod. Another authorization is the model's.</summary>
    public static void Withdraw(IHeaderDictionary headers)
    {
        headers.Remove(KeyHeader);
        foreach (var value in headers.Authorization)
        {
            if (!IsSecret(BearerOf(value)))
                continue;
            headers.Authorization = StringValues.Empty;
            return;
        }
    }

    private static bool HasForm(ReadOnlySpan<char> text) =>
        text.Length == KeyText.Length && text.StartsWith(KeyText.KeyPrefix, StringComparison.Ordinal);

    private static bool IsSecret(ReadOnlySpan<char> token) =>
        token.StartsWith(KeyText.KeyPrefix, StringComparison.Ordinal)
        || token.StartsWith(KeyText.AdministratorPrefix, StringComparison.Ordinal)
        || token.StartsWith(TestCredential.Prefix, StringComparison.Ordinal);

    /// <summary>The key that a request names; empty where it names none.</summary>
    private static ReadOnlySpan<char> KeyOf(HttpRequest request)
    {
        if (request.Headers.TryGetValue(KeyHeader, out var own) && own is [{ } key])
            return key.AsSpan().Trim();
        return request.Headers.Authorization is [{ } value] ? BearerOf(value) : default;
    }

    private static bool IsMissing(HttpRequest request, ReadOnlySpan<char> key) => key.IsEmpty && !request.Headers.ContainsKey(KeyHeader);

    private static ReadOnlySpan<char> BearerOf(string? value) =>
        value?.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) is true ? value.AsSpan(Bearer.Length).Trim() : default;

    private async Task<GatewayProblem> Explain(string hash, string deployment) =>
        await keys.Find(hash, CancellationToken.None) is { } key && key.Deployment.Value != deployment && IsGood(key)
            ? GatewayProblem.KeyOfAnother
            : GatewayProblem.KeyUnknown;

    private bool IsGood(KeySummary? key) => key is { RevokedAt: null } && !(key.ExpiresAt <= time.GetUtcNow());
}
