using System.Security.Claims;
using System.Security.Cryptography;
using DeployCard.Client.Cluster;
using DeployCard.Contracts.Access;
using DeployCard.Contracts.Keys;

namespace DeployCard.Silo.Access;

/// <summary>
/// Authenticates GraphQL requests by the administrator token. Tokens are compared with a keyed hash in memory. The hash is read again every
/// second, so this silo accepts a token that another silo created within about a second.
/// </summary>
internal sealed partial class AdministratorAccess(
    IGrainFactory grains,
    GrainRetry retry,
    KeyHasher hasher,
    TimeProvider time,
    ILogger<AdministratorAccess> logger,
    bool replaceToken
) : BackgroundService, ICallerAuthenticator
{
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(1);

    private static readonly ClaimsPrincipal Administrator = new(new ClaimsIdentity([new(ClaimTypes.Name, "administrator")], "token"));

    private byte[] tokenHash = [];
    private string? newToken;

    /// <summary>Creates the token at the first start of the installation, or replaces it if a new token was requested.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var grain = grains.GetGrain<IAdministratorGrain>(0);
        var token = KeyText.Create(KeyText.AdministratorPrefix);
        var hash = hasher.Hash(token);
        // While silos form a cluster, several silos may have an activation of the grain. Only one of them can write; the other calls are
        // retried.
        if (replaceToken)
            await retry.Execute(() => grain.Replace(hash, cancellationToken), cancellationToken);
        if (replaceToken || await retry.Execute(() => grain.TryInitialize(hash, cancellationToken), cancellationToken))
            newToken = token;
        await retry.Execute(RefreshHash, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>
    /// Returns the token that this start created, and clears it; null if this start created no token or the token was already returned.
    /// </summary>
    public string? ConsumeNewToken() => Interlocked.Exchange(ref newToken, null);

    /// <inheritdoc/>
    public ValueTask<ClaimsPrincipal?> Authenticate(string? bearerToken, CancellationToken ct) =>
        new(bearerToken is not null && IsAdministrator(bearerToken) ? Administrator : null);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(RefreshInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RefreshHash();
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // The silo of the grain may just have stopped. The last known token stays valid.
                LogRefreshFailed(logger, e);
            }
        }
    }

    private async Task RefreshHash() => tokenHash = Convert.FromHexString((await grains.GetGrain<IAdministratorGrain>(0).GetTokenHash())!);

    private bool IsAdministrator(string token)
    {
        if (!KeyText.IsWellFormed(token, KeyText.AdministratorPrefix))
            return false;
        Span<byte> hash = stackalloc byte[KeyHasher.HashLength];
        hasher.Hash(token, hash);
        return CryptographicOperations.FixedTimeEquals(hash, tokenHash);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Reading the hash of the administrator token failed; the next read retries")]
    private static partial void LogRefreshFailed(ILogger logger, Exception exception);
}
