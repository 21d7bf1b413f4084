namespace DeployCard.Grains.Access;

/// <summary>
/// The administrator of this installation. There is exactly one, and only the keyed hash of the administrator's token is stored.
/// </summary>
[Alias("administrator")]
public interface IAdministratorGrain : IGrainWithIntegerKey
{
    /// <summary>Returns the keyed hash of the token; null before there is a token.</summary>
    Task<string?> GetTokenHash();

    /// <summary>
    /// Stores the keyed hash of the first token if there is no token yet. Returns whether the given hash is the stored one, so that the
    /// call can be retried.
    /// </summary>
    Task<bool> TryInitialize(string tokenHash, CancellationToken cancellationToken);

    /// <summary>Stores the keyed hash of a new token. The former token is no longer accepted.</summary>
    Task Replace(string tokenHash, CancellationToken cancellationToken);
}

/// <summary>Stored state of the administrator.</summary>
[GenerateSerializer, Alias("administrator-state")]
public sealed class AdministratorState
{
    /// <summary>Keyed hash of the token, 64 hexadecimal digits; null before there is a token.</summary>
    [Id(0)]
    public string? TokenHash { get; set; }
}

internal sealed class AdministratorGrain([PersistentState("administrator")] IPersistentState<AdministratorState> stored)
    : Grain,
        IAdministratorGrain
{
    public Task<string?> GetTokenHash() => Task.FromResult(stored.State.TokenHash);

    public async Task<bool> TryInitialize(string tokenHash, CancellationToken cancellationToken)
    {
        if (stored.State.TokenHash is { } present)
            return present == tokenHash;
        await Replace(tokenHash, cancellationToken);
        return true;
    }

    public async Task Replace(string tokenHash, CancellationToken cancellationToken)
    {
        var former = stored.State;
        stored.State = new() { TokenHash = tokenHash };
        try
        {
            await stored.WriteStateAsync(cancellationToken);
        }
        catch
        {
            stored.State = former;
            throw;
        }
    }
}
