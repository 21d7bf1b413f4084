using System.Security.Claims;
using System.Security.Cryptography;
using DeployCard.Grains.Access;
using DeployCard.Grains.Keys;
using DeployCard.GraphQL;

namespace DeployCard.Silo.Access;

/// <summary>Who may use GraphQL: the holder of the administrator token. Its keyed hash is read once and compared in memory.</summary>
internal sealed class AdministratorAccess(IGrainFactory grains, KeyHasher hasher, bool wantsNewToken) : IHostedService, IGraphQLAuthenticator
{
    private static readonly ClaimsPrincipal Administrator = new(new ClaimsIdentity([new(ClaimTypes.Name, "administrator")], "token"));

    private byte[] tokenHash = [];
    private string? newToken;

    /// <summary>Makes the token at the first start, and another one when that is asked for.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var grain = grains.GetGrain<IAdministratorGrain>(0);
        var token = KeyText.New(KeyText.AdministratorPrefix);
        if (wantsNewToken)
            await grain.Replace(hasher.Hash(token), cancellationToken);
        if (wantsNewToken || await grain.Begin(hasher.Hash(token), cancellationToken))
            newToken = token;
        tokenHash = Convert.FromHexString((await grain.TokenHash())!);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The token where one was made at this start; once, then it is forgotten.</summary>
    public string? TakeNewToken() => Interlocked.Exchange(ref newToken, null);

    /// <inheritdoc/>
    public ValueTask<ClaimsPrincipal?> AuthenticateAsync(string? bearerToken, CancellationToken ct) =>
        new(bearerToken is not null && IsAdministrator(bearerToken) ? Administrator : null);

    private bool IsAdministrator(string token)
    {
        if (!KeyText.IsWellFormed(token, KeyText.AdministratorPrefix))
            return false;
        Span<byte> hash = stackalloc byte[KeyHasher.HashLength];
        hasher.Hash(token, hash);
        return CryptographicOperations.FixedTimeEquals(hash, tokenHash);
    }
}
