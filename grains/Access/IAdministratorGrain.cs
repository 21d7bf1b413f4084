namespace DeployCard.Grains.Access;

/// <summary>The administrator of this installation. There is one; what is stored of the token is its keyed hash.</summary>
[Alias("administrator")]
public interface IAdministratorGrain : IGrainWithIntegerKey
{
    /// <summary>The keyed hash of the token; null before there is one.</summary>
    Task<string?> TokenHash();

    /// <summary>Puts a token's keyed hash in place where there is none. Returns whether it is the one in place then, so that it may be asked again.</summary>
    Task<bool> Begin(string tokenHash, CancellationToken cancellationToken);

    /// <summary>Puts another token's keyed hash in place; the former token opens nothing any more.</summary>
    Task Replace(string tokenHash, CancellationToken cancellationToken);
}

/// <summary>What is stored of the administrator.</summary>
[GenerateSerializer, Alias("administrator-state")]
public sealed class AdministratorState
{
    /// <summary>The keyed hash of the token, 64 hexadecimal digits.</summary>
    [Id(0)]
    public string? TokenHash { get; set; }
}

internal sealed class AdministratorGrain([PersistentState("administrator")] IPersistentState<AdministratorState> stored)
    : Grain,
        IAdministratorGrain
{
    public Task<string?> TokenHash() => Task.FromResult(stored.State.TokenHash);

    public async Task<bool> Begin(string tokenHash, CancellationToken cancellationToken)
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
