using DeployCard.Contracts.Access;

namespace DeployCard.Domain.Access;

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
