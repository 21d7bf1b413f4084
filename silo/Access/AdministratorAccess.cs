using System.Security.Claims;
using System.Security.Cryptography;
using DeployCard.Grains.Access;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Keys;
using DeployCard.GraphQL;

namespace DeployCard.Silo.Access;

/// <summary>
/// Who may use GraphQL: the holder of the administrator token. Its keyed hash is compared in memory, and read again each second: a token that
/// another silo put in its place counts here from then on.
/// </summary>
internal sealed partial class AdministratorAccess(
    IGrainFactory grains,
    RepeatableCalls repeatable,
    KeyHasher hasher,
    TimeProvider time,
    ILogger<AdministratorAccess> logger,
    bool wantsNewToken
) : BackgroundService, IGraphQLAuthenticator
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private static readonly ClaimsPrincipal Administrator = new(new ClaimsIdentity([new(ClaimTypes.Name, "administrator")], "token"));

    private byte[] tokenHash = [];
    private string? newToken;

    /// <summary>Makes the token at the first start, and another one when that is asked for.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var grain = grains.GetGrain<IAdministratorGrain>(0);
        var token = KeyText.New(KeyText.AdministratorPrefix);
        var hash = hasher.Hash(token);
        // Silos that make a cluster at the same moment may each have the grain until they know of each other: only one of those can write.
        if (wantsNewToken)
            await repeatable.Make(() => grain.Replace(hash, cancellationToken), cancellationToken);
        if (wantsNewToken || await repeatable.Make(() => grain.Begin(hash, cancellationToken), cancellationToken))
            newToken = token;
        await repeatable.Make(Read, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>The token where one was made at this start; once, then it is forgotten.</summary>
    public string? TakeNewToken() => Interlocked.Exchange(ref newToken, null);

    /// <inheritdoc/>
    public ValueTask<ClaimsPrincipal?> Authenticate(string? bearerToken, CancellationToken ct) =>
        new(bearerToken is not null && IsAdministrator(bearerToken) ? Administrator : null);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Read();
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // The silo that has the grain may just be gone; the token that was valid stays so.
                LogNotRead(logger, e);
            }
        }
    }

    private async Task Read() => tokenHash = Convert.FromHexString((await grains.GetGrain<IAdministratorGrain>(0).TokenHash())!);

    private bool IsAdministrator(string token)
    {
        if (!KeyText.IsWellFormed(token, KeyText.AdministratorPrefix))
            return false;
        Span<byte> hash = stackalloc byte[KeyHasher.HashLength];
        hasher.Hash(token, hash);
        return CryptographicOperations.FixedTimeEquals(hash, tokenHash);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The administrator token could not be read again; trying again")]
    private static partial void LogNotRead(ILogger logger, Exception exception);
}
